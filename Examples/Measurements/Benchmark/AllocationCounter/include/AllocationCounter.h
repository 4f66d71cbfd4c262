/// The number of blocks of memory that the process has asked the system for since it started; −1 where they aren't
/// counted.
long allocation_count(void) __attribute__((swift_name("allocationCount()")));
