#!/usr/bin/env python3
"""Times jit-compiled JAX on the CPU, one JSON line a case.        needs: pip install jax

JAX has no gradients of a few rows: "classifierStep" is a lazy Adam written by hand over the rows that differ.
Batches are arguments of the compiled functions: captured, they would be constants, and XLA would find the distinct
rows when it compiles instead of in every step.
"""
import os
from functools import partial

from case_timer import CaseTimer, parse_options, row_numbers

options = parse_options(__doc__)
# XLA reads this when it is imported.
os.environ["XLA_FLAGS"] = (
    f"--xla_cpu_multi_thread_eigen={'true' if options.threads > 1 else 'false'} "
    f"intra_op_parallelism_threads={options.threads}"
)
import jax
import jax.numpy as jnp

KEY = jax.random.PRNGKey(0)


def cross_entropy(logits, labels):
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(logits), labels[:, None], 1))


def network(parameters, inputs):
    hidden = jax.nn.relu(inputs @ parameters["hiddenWeight"] + parameters["hiddenBias"])
    return hidden @ parameters["outputWeight"] + parameters["outputBias"]


def network_parameters(inputs, hidden, outputs):
    return {
        "hiddenWeight": jax.random.normal(KEY, (inputs, hidden)) * 0.1,
        "hiddenBias": jnp.zeros(hidden),
        "outputWeight": jax.random.normal(KEY, (hidden, outputs)) * 0.1,
        "outputBias": jnp.zeros(outputs),
    }


def measure_mlp(timer):
    inputs, labels = jax.random.normal(KEY, (32, 64)), jnp.arange(32) % 10

    @partial(jax.jit, donate_argnums=0)
    def update(parameters, inputs, labels):
        gradients = jax.grad(lambda parameters: cross_entropy(network(parameters, inputs), labels))(parameters)
        return jax.tree.map(lambda parameter, gradient: parameter - 0.1 * gradient, parameters, gradients)

    parameters = network_parameters(64, 64, 10)

    def step():
        nonlocal parameters
        parameters = jax.block_until_ready(update(parameters, inputs, labels))

    timer.measure("mlpStep", step, layers=[64, 64, 10], batch=32, optimizer="SGD")


def measure_softmax_cross_entropy(timer):
    logits, labels = jax.random.normal(KEY, (256, 10_000)), jnp.arange(256)
    loss_and_gradient = jax.jit(jax.value_and_grad(cross_entropy))
    step = lambda: jax.block_until_ready(loss_and_gradient(logits, labels))
    timer.measure("softmaxCrossEntropy", step, batch=256, classes=10_000)


def adam_step(first, second, gradient, step_number):
    """The new moments and what to add to the parameters."""
    first = 0.9 * first + 0.1 * gradient
    second = 0.999 * second + 0.001 * gradient * gradient
    first_corrected, second_corrected = first / (1 - 0.9**step_number), second / (1 - 0.999**step_number)
    return first, second, -1e-3 * first_corrected / (jnp.sqrt(second_corrected) + 1e-8)


def measure_classifier(timer):
    columns, hidden, batch = 64, 64, 64
    for table_rows, classes, tokens, distribution in (
        (50_000, 4, 40, "uniform"),
        (50_000, 4, 40, "logUniform"),
        (1_000_000, 100, 200, "logUniform"),
    ):
        numbers = row_numbers(table_rows, batch * tokens, distribution)
        indices, labels = jnp.array(numbers).reshape(batch, tokens), jnp.arange(batch) % classes

        @partial(jax.jit, donate_argnums=0)
        def update(state, indices, labels):
            table, first, second, parameters, firsts, seconds, step_number = state
            step_number += 1
            # Rows beyond the table pad the list to a fixed length: reading clamps them, writing drops them.
            rows, places = jnp.unique(indices, return_inverse=True, size=indices.size, fill_value=table_rows)

            def loss(looked_up, parameters):
                return cross_entropy(network(parameters, looked_up.mean(1)), labels)

            slices, gradients = jax.grad(loss, argnums=(0, 1))(table[indices], parameters)
            merged = jnp.zeros((indices.size, columns)).at[places.reshape(-1)].add(slices.reshape(-1, columns))
            first_rows, second_rows, change = adam_step(first[rows], second[rows], merged, step_number)
            table, first = table.at[rows].add(change), first.at[rows].set(first_rows)
            second = second.at[rows].set(second_rows)
            for name in parameters:
                firsts[name], seconds[name], change = adam_step(
                    firsts[name], seconds[name], gradients[name], step_number
                )
                parameters[name] += change
            return table, first, second, parameters, firsts, seconds, step_number

        table, parameters = jax.random.normal(KEY, (table_rows, columns)), network_parameters(columns, hidden, classes)
        zeros = lambda: jax.tree.map(jnp.zeros_like, parameters)
        state = (table, jnp.zeros_like(table), jnp.zeros_like(table), parameters, zeros(), zeros(), jnp.float32(0))
        del table

        def step():
            nonlocal state
            state = jax.block_until_ready(update(state, indices, labels))

        details = dict(rows=table_rows, columns=columns, hidden=hidden, classes=classes, batch=batch, tokens=tokens)
        timer.measure("classifierStep", step, **details, distribution=distribution)


def main():
    timer = CaseTimer("JAX " + jax.__version__, options)
    for case, measure in (
        ("classifierStep", measure_classifier),
        ("mlpStep", measure_mlp),
        ("softmaxCrossEntropy", measure_softmax_cross_entropy),
    ):
        if timer.wants(case):
            measure(timer)


if __name__ == "__main__":
    main()
