"""Publish and unpublish as steps: repeated, interrupted, over FUSE processes that come and go."""

from dataclasses import dataclass, field

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from fluid.csi.deciding import (
    Attach,
    Blocked,
    Detach,
    Entry,
    Health,
    Link,
    MakeDirectory,
    Remove,
    Seen,
    Step,
    Wanted,
    to_clear,
    to_publish,
    to_unpublish,
)
from fluid.csi.mountinfo import Mount

SOURCE = "/runtime-mnt/x"
ENOUGH = 12


@dataclass
class Node:
    """Mounts at one target and at its source, and the FUSE processes behind them."""

    fuse: int | None = None
    """Device of the live FUSE process."""
    source: list[Mount] = field(default_factory=list[Mount])
    target: list[Mount] = field(default_factory=list[Mount])
    entry: Entry = "missing"
    link: str = ""
    ids: int = 100
    devices: int = 0

    def mount(self, device: str, point: str, *, read_only: bool) -> Mount:
        self.ids += 1
        options = frozenset({"ro" if read_only else "rw"})
        return Mount(self.ids, 1, device, "/", point, options, 0, 0, "fuse.x", "s", "line")

    def health(self, mount: Mount) -> Health:
        return Health.ALIVE if mount.device == f"0:{self.fuse}" else Health.DEAD

    def see(self) -> Seen:
        if self.target:
            return Seen(tuple(self.target), self.health(self.target[-1]))
        return Seen(entry=self.entry, link=self.link)

    def take(self, step: Step) -> None:
        match step:
            case Attach(read_only=read_only):
                assert self.entry == "directory", "a mount needs a directory"
                assert not self.target, "nothing is stacked"
                self.target.append(self.mount(self.source[-1].device, "/t", read_only=read_only))
            case Detach(mount_id):
                assert self.target.pop().id == mount_id
            case MakeDirectory():
                assert self.entry == "missing"
                self.entry = "directory"
            case Link(source):
                assert self.entry == "missing"
                self.entry, self.link = "link", source
            case Remove():
                assert not self.target, "a mount point cannot be removed"
                assert self.entry in ("directory", "link")
                self.entry, self.link = "missing", ""
            case Blocked(why):
                raise AssertionError(why)


class Calls(RuleBasedStateMachine):
    """A kubelet that repeats itself, a plugin that is killed anywhere, a FUSE process that dies."""

    def __init__(self) -> None:
        super().__init__()
        self.node = Node()

    @rule()
    def fuse_starts(self) -> None:
        if self.node.fuse is None:
            self.node.devices += 1
            self.node.fuse = self.node.devices
            self.node.source.append(self.node.mount(f"0:{self.node.fuse}", SOURCE, read_only=False))

    @rule()
    def fuse_dies(self) -> None:
        self.node.fuse = None

    @rule()
    def stage_clears_what_is_dead(self) -> None:
        source = self.node.source
        while source:
            seen = Seen(tuple(source), self.node.health(source[-1]))
            if (step := to_clear(seen)) is None:
                break
            assert source.pop().id == step.mount_id
        assert not source or self.node.health(source[-1]) is Health.ALIVE

    @rule()
    def an_older_plugin_stacks(self) -> None:
        if self.node.fuse and self.node.entry == "directory":
            self.node.target.append(self.node.mount(f"0:{self.node.fuse}", "/t", read_only=False))

    @rule(steps=st.integers(0, ENOUGH), read_only=st.booleans(), symlink=st.booleans())
    def publish(self, steps: int, read_only: bool, symlink: bool) -> None:
        wanted = Wanted(SOURCE, read_only=read_only, symlink=symlink)
        ready = self.node.source and self.node.health(self.node.source[-1]) is Health.ALIVE
        if not ready:  # the call waits, and ends without having done anything
            return
        for _ in range(steps):  # killed after so many steps
            if (step := to_publish(wanted, self.node.see())) is None:
                break
            self.node.take(step)
        else:
            return
        seen = self.node.see()
        if symlink:
            assert (seen.entry, seen.link, seen.stack) == ("link", SOURCE, ())
        else:
            assert seen.health is Health.ALIVE
            assert seen.top is not None
            assert seen.top.read_only >= read_only
        assert to_publish(wanted, self.node.see()) is None

    @rule(steps=st.integers(0, ENOUGH))
    def unpublish(self, steps: int) -> None:
        for _ in range(steps):
            if (step := to_unpublish(self.node.see())) is None:
                assert self.node.see() == Seen()
                return
            self.node.take(step)

    def teardown(self) -> None:
        """Whatever happened, one whole unpublish leaves nothing."""
        count = 0
        while (step := to_unpublish(self.node.see())) is not None:
            self.node.take(step)
            count += 1
            assert count < 500
        assert self.node.see() == Seen()

    @invariant()
    def a_mount_has_a_directory_below_it(self) -> None:
        assert not self.node.target or self.node.entry == "directory"


TestCalls = Calls.TestCase


def test_a_file_in_the_way_is_said_and_left() -> None:
    for step in (to_publish(Wanted(SOURCE), Seen(entry="other")), to_unpublish(Seen(entry="other"))):
        assert isinstance(step, Blocked)


def test_a_target_that_is_slow_to_answer_is_not_taken_from_its_pod() -> None:
    mount = Node().mount("0:1", "/t", read_only=False)
    assert to_publish(Wanted(SOURCE), Seen((mount,), Health.HUNG)) is None


def test_a_writable_mount_where_pods_may_only_read_is_replaced() -> None:
    mount = Node().mount("0:1", "/t", read_only=False)
    assert to_publish(Wanted(SOURCE, read_only=True), Seen((mount,), Health.ALIVE)) == Detach(mount.id)
