"""Finds what could be changed in a line of Swift or C: operators, constants, bounds, conditions and whole statements.

swift-format and clang-format make the layout regular, so that a line's tokens are enough: a binary operator has spaces
around it, a prefix has none after it. Where that is not enough, the change doesn't compile and is left out.
"""
import hashlib
import re
from dataclasses import dataclass

TOKEN = re.compile(
    r'(?P<string>"(?:\\.|[^"\\])*")'
    r"|(?P<number>0x[\da-fA-F.]+(?:p[+-]?\d+)?[fuUlL]*|\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?[fuUlL]*)"
    r"|(?P<word>[#@$]?\w+)|(?P<bracket>[()\[\]{}])|(?P<comma>[,;])|(?P<operator>[-+*/%<>=!&|^~?.:\\]+)")
PRECEDENCES = {
    "swift": ["||", "&&", "< <= > >= == !=", "..< ...", "+ - | ^ &+ &-", "* / % & &*", "<< >>"],
    "c": ["||", "&&", "|", "^", "&", "== !=", "< <= > >=", "<< >>", "+ -", "* / %"],
}
OTHER = {  # what takes an operator's place; the first fits most
    "+": "-", "-": "+", "*": "/", "/": "*", "%": "*", "&+": "&-", "&-": "&+", "&*": "&+", "<<": ">>", ">>": "<<",
    "&": "|", "|": "&", "^": "|", "&&": "||", "||": "&&", "==": "!=", "!=": "==",
    "<": "<= >=", "<=": "< >", ">": ">= <=", ">=": "> <",
}
KEYWORDS = set(
    "return if else while for guard case switch let var in where try await throw is as do defer yield func enum static "
    "const default some any inout".split())
SWIFT_STATEMENT = re.compile(r"[\w.$!?]+(\[.*\])?[\w.$!?]*(\(.*\)$| [-+*/&|]?= .*)")  # a call or an assignment
C_STATEMENT = re.compile(r"(?![A-Z]{2})\*?[\w.>\[\]()-]+( [-+*/&|]?= .*|\(.*\)|\+\+|--);$|(\+\+|--)[\w.>*-]+;$")
NOT_MUTATED = re.compile(
    r"\s*(//|\*|import |#(?!\s*define)|@|case .*:$|typedef |enum |static const |[-\d]|\w+ = [^;]*,|extension "
    r"|(\w+ )*protocol )")


@dataclass(frozen=True)
class Mutant:
    """A change of one line: what stands from `start` to `end` becomes `text`, in which § is the mutant's number."""
    path: str
    line_number: int
    line: str
    change: str  # for people
    start: int
    end: int
    text: str
    occurrence: int = 0  # how many equal lines before it in the file have the same change

    @property
    def identity(self):
        """What stays when lines move."""
        times = f" (line {self.occurrence + 1} like this)" if self.occurrence else ""
        return self.path, self.line.strip(), self.change + times

    def order(self, seed):
        """A pseudorandom number, the same as long as the line is."""
        return hashlib.sha256(f"{seed}{self.identity}".encode()).hexdigest()


def mutants(path, source, seed):
    """At most one mutant for each line of a file."""
    language = "swift" if path.endswith(".swift") else "c"
    lines, found, seen, in_text = source.split("\n"), [], {}, False
    for number, line in enumerate(lines):
        quotes = line.count('"""')
        if in_text or quotes:
            in_text ^= quotes % 2 == 1
            continue
        if NOT_MUTATED.match(line) or not line.strip() or "prefetch" in line:  # what is prefetched changes no result
            continue
        before, after = (lines[i] if 0 <= i < len(lines) else "" for i in (number - 1, number + 1))
        of_line, changes = [], {}
        for change, *place in Line(line, before, after, language).changes():
            changes[change] = changes.get(change, 0) + 1
            position = f" (number {changes[change]} on the line)" if changes[change] > 1 else ""
            of_line.append(Mutant(path, number, line, change + position, *place))
        if not of_line:
            continue
        mutant = min(of_line, key=lambda mutant: mutant.order(seed))
        occurrence = seen[mutant.identity] = seen.get(mutant.identity, -1) + 1
        found.append(Mutant(*list(vars(mutant).values())[:-1], occurrence))
    return found


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    start: int
    end: int


class Line:
    def __init__(self, line, before, after, language):
        self.line, self.language = line, language
        self.before, self.after = before.strip().rstrip("\\").strip(), after.strip()
        comment = re.search(r'^((?:[^"]|"(?:\\.|[^"\\])*")*?)\s*//', line)
        self.code = comment[1] if comment else line.rstrip("\\").rstrip()
        define = re.match(r"\s*#\s*define\s+\w+(\([^)]*\))?", self.code)
        self.first = define.end() if define else 0
        self.tokens = [
            Token(match.lastgroup, match[0], match.start(), match.end())
            for match in TOKEN.finditer(self.code, self.first)]
        self.levels = {operator: i for i, level in enumerate(PRECEDENCES[language]) for operator in level.split()}

    def changes(self):
        """(what changes, for people; start; end; text) for each change of this line."""
        for i, token in enumerate(self.tokens):
            if self.is_default_argument(i):
                continue
            if token.kind == "operator":
                yield from self.of_operator(i, token)
            elif token.kind == "number" and not self.follows(i, "."):
                other = f"{token.text} {'* 2' if '.' in token.text and float_value(token.text) else '+ 1'}"
                yield self.replaced(token.start, token.end, other)
            elif token.text in ("true", "false"):
                yield self.replaced(token.start, token.end, "false" if token.text == "true" else "true")
            elif token.text in ("min", "max") and self.is_call(i):
                start = self.tokens[i - 2].start if self.follows(i, ".") else token.start
                end = self.closing(i + 1)
                if end is not None:
                    old = self.code[start:self.tokens[end].end]
                    new = old.replace(token.text, "max" if token.text == "min" else "min", 1)
                    yield self.replaced(start, self.tokens[end].end, new)
        yield from self.of_condition()
        yield from self.of_statement()

    # MARK: Operators

    def of_operator(self, i, token):
        if self.is_binary(i):
            if token.text in ("+=", "-=", "*=", "/="):
                yield from self.of_compound_assignment(i, token)
            elif token.text == "?":
                start = self.operand_start(i, -1)
                yield from self.negated(start, self.tokens[i - 1].end if i else None)
            elif token.text in ("..<", "..."):
                end = self.operand_end(i, self.levels[token.text])
                if end is not None:
                    start = self.tokens[i + 1].start
                    old, more = self.code[start:end], "+ 1" if token.text == "..<" else "- 1"
                    change = f"{token.text}{old} → {token.text}{old} {more}"
                    yield change, start, end, f"(mutant(§) ? ({old}) {more} : {old})"
            elif token.text in OTHER:
                level = self.levels[token.text]
                start, end = self.operand_start(i, level), self.operand_end(i, level)
                if start is None or end is None:
                    return
                left, right = self.code[start:token.start].strip(), self.code[token.end:end].strip()
                if left and right and '"' not in left + right:
                    for other in OTHER[token.text].split():
                        yield self.replaced(start, end, f"{left} {other} {right}")
        elif token.text in ("-", "!") and self.is_prefix(i):
            end = self.chain_end(i + 1)
            if end is not None:
                yield self.replaced(token.start, end, self.code[token.end:end])

    def of_compound_assignment(self, i, token):
        end = self.operand_end(i, -1)
        if end is None:
            return
        old = self.code[token.end:end].strip()
        new = f"-({old})" if token.text in ("+=", "-=") else "1"
        other = {"+=": "-=", "-=": "+=", "*=": "without *=", "/=": "without /="}[token.text]
        yield f"{token.text} {old} → {other}", token.end, end, f" (mutant(§) ? {new} : {old})"

    # MARK: Conditions and statements

    def of_condition(self):
        head = re.match(r"\s*(?:\} ?else )?(if|while|guard) ", self.code)
        if not head:
            return
        if self.language == "c":
            first = next(i for i, token in enumerate(self.tokens) if token.text == head[1]) + 1
            last = self.closing(first)
            if last is not None:
                yield from self.negated(self.tokens[first].end, self.tokens[last].start)
            return
        tail = re.search(r" else \{| \{(?= return| continue| break|$)", self.code)
        if not tail:
            return
        start, end, depth = head.end(), tail.start(), 0
        for token in self.tokens:
            if start <= token.start < end:
                depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(token.text, 0)
                if token.text in ("let", "var", "case", "#available") or token.text == "," and depth == 0:
                    return
        if depth == 0:
            yield from self.negated(start, end)

    def negated(self, start, end):
        if start is None or end is None or start >= end:
            return
        old = self.code[start:end]
        as_bool = f"!!({old})" if self.language == "c" else f"({old})"
        yield f"{old} → not ({old})", start, end, f"(mutant(§) != {as_bool})"

    def of_statement(self):
        code = self.code.strip()
        start = len(self.code) - len(self.code.lstrip())
        if self.continues() or self.first or re.search(r"[,(=?:+*/|&-]$", self.before):
            return
        if self.depth_changes(0, len(self.code)):
            return
        begins = self.tokens[0].text not in KEYWORDS | {"self", "init", "super"} or code.startswith("self.")
        if self.language == "swift":
            if re.match(r"(continue|break|return)$", code) or begins and SWIFT_STATEMENT.match(code):
                yield f"without {code}", start, len(self.code), f"if !mutant(§) {{ {code} }}"
        elif re.match(r"(continue;|break;|return;)$", code) or begins and C_STATEMENT.match(code):
            yield f"without {code}", start, len(self.code), f"{{ if (!mutant(§)) {code} }}"

    # MARK: Tokens

    def replaced(self, start, end, new):
        old = self.code[start:end]
        return f"{old} → {new}", start, end, f"(mutant(§) ? {new} : {old})"

    def follows(self, i, text):
        return i > 0 and self.tokens[i - 1].text == text and self.tokens[i - 1].end == self.tokens[i].start

    def is_default_argument(self, i):
        """Whether this begins the default of a parameter, which is compiled with the callers: here, with the tests."""
        before = self.code[:self.tokens[i].start]
        return re.search(r"\b(?<!let )(?<!var )\w+: [\w.<>\[\]? ]+ = -?$", before) is not None

    def is_call(self, i):
        is_method = self.follows(i, ".") and (i < 2 or self.tokens[i - 2].text != "Swift")
        declared = i > 0 and self.tokens[i - 1].text == "func"
        return not is_method and not declared and i + 1 < len(self.tokens) and self.tokens[i + 1].text == "("

    def space_before(self, i):
        return i == 0 or self.tokens[i - 1].end < self.tokens[i].start

    def space_after(self, i):
        return i + 1 >= len(self.tokens) or self.tokens[i].end < self.tokens[i + 1].start

    def is_binary(self, i):
        token = self.tokens[i]
        if token.kind != "operator":
            return False
        if token.text in ("..<", "..."):
            return True
        return self.space_before(i) and self.space_after(i)

    def is_prefix(self, i):
        if self.space_after(i):
            return False
        return self.space_before(i) or self.tokens[i - 1].text in ("(", "[", "{", "!")

    def closing(self, i):
        """The token that closes the bracket at i."""
        depth = 0
        for j in range(i, len(self.tokens)):
            if self.tokens[j].kind == "bracket":
                depth += 1 if self.tokens[j].text in "([{" else -1
                if depth == 0:
                    return j
        return None

    def depth_changes(self, first, end):
        depth = 0
        for token in self.tokens:
            if token.kind == "bracket" and token.end <= end:
                depth += 1 if token.text in "([{" else -1
                if depth < 0:
                    return True
        return depth != 0

    def continues(self):
        """Whether the next line goes on with this one's expression."""
        return re.match(r"[-+*/%<>=&|?:.]", self.after) is not None and not re.match(r"\+\+|--|\*\w|//", self.after)

    def ends_operand(self, i, level, including):
        token = self.tokens[i]
        if token.kind == "comma" or token.text in "{}" or token.text in KEYWORDS:
            return True
        if token.text == ":":
            return True
        if not self.is_binary(i):
            return False
        other = self.levels.get(token.text)
        return other is None or other < level or other == level and including

    def operand_start(self, i, level):
        depth, start = 0, None
        for j in range(i - 1, -1, -1):
            token = self.tokens[j]
            if token.text in (")", "]"):
                depth += 1
            elif token.text in ("(", "["):
                if depth == 0:
                    return start
                depth -= 1
            elif depth == 0 and self.ends_operand(j, level, including=False):
                return start
            start = token.start
        return start if depth == 0 and not re.match(r"[-+*/%<>=&|?:.]", self.code.strip()) else None

    def operand_end(self, i, level):
        depth, end = 0, None
        for j in range(i + 1, len(self.tokens)):
            token = self.tokens[j]
            if token.text in ("(", "["):
                depth += 1
            elif token.text in (")", "]"):
                if depth == 0:
                    return end
                depth -= 1
            elif depth == 0 and self.ends_operand(j, level, including=True):
                return end
            end = token.end
        return end if depth == 0 and not self.continues() else None

    def chain_end(self, i):
        """The end of a name or number with the calls, subscripts and members that follow it without a space."""
        if i >= len(self.tokens) or self.tokens[i].kind not in ("word", "number") and self.tokens[i].text != "(":
            return None
        end = None
        while i < len(self.tokens) and (end is None or self.tokens[i].start == end):
            token = self.tokens[i]
            if token.text in ("(", "["):
                i = self.closing(i)
                if i is None:
                    return None
            elif token.kind not in ("word", "number") and token.text not in (".", "->"):
                break
            end = self.tokens[i].end
            i += 1
        return end


def float_value(text):
    try:
        return float(text.rstrip("fuUlL"))
    except ValueError:
        return 1.0
