"""Publish and unpublish as steps: repeated, interrupted, over FUSE processes that come and go."""

from dataclasses import dataclass, field

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from fluid.csi.mountinfo import Mount
from fluid.csi.steps import (
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
    able: bool = True
    """Whether the kernel can mount beneath; else it is mounted over what is there."""

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
            case Attach(device=device, read_only=read_only, beneath=beneath):
                assert self.entry == "directory", "a mount needs a directory"
                assert device == self.source[-1].device
                assert bool(self.target) is beneath, "something is mounted to go beneath, or nothing"
                below = len(self.target) - 1 if beneath and self.able else len(self.target)
                self.target.insert(below, self.mount(device, "/t", read_only=read_only))
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

    @rule(able=st.booleans())
    def the_node_starts_with_another_kernel(self, able: bool) -> None:
        self.node = Node(able=able)

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

    @rule(
        steps=st.integers(0, ENOUGH),
        read_only=st.booleans(),
        symlink=st.booleans(),
        dies=st.none() | st.integers(0, 3),
    )
    def publish(self, steps: int, read_only: bool, symlink: bool, dies: int | None) -> None:
        ready = self.node.source and self.node.health(self.node.source[-1]) is Health.ALIVE
        if not ready:  # the call waits, and ends without having done anything
            return
        device, before = self.node.source[-1].device, len(self.node.target)
        wanted = Wanted(SOURCE, device, read_only=read_only, symlink=symlink)
        for count in range(steps):  # killed after so many steps
            if count == dies:
                self.node.fuse = None
            if (step := to_publish(wanted, self.node.see())) is None:
                break
            self.node.take(step)
            assert symlink or not before or self.node.target, "what was mounted has a successor at once"
        else:
            assert steps < ENOUGH or before > ENOUGH // 2, "it ends, whatever dies meanwhile"
            return
        seen = self.node.see()
        if symlink:
            assert (seen.entry, seen.link, seen.stack) == ("link", SOURCE, ())
        else:
            assert seen.top is not None
            assert seen.health is Health.ALIVE or seen.top.device == device
            assert seen.top.read_only >= read_only
            assert len(seen.stack) <= max(before, 2)
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
    wanted = Wanted(SOURCE, "0:1", read_only=True)
    beneath = Attach(SOURCE, "0:1", "", read_only=True, beneath=True)
    assert to_publish(wanted, Seen((mount,), Health.ALIVE)) == beneath


def test_a_dead_mount_is_taken_away_once_its_successor_is_beneath_it() -> None:
    node = Node()
    dead, new = (node.mount(device, "/t", read_only=False) for device in ("0:1", "0:2"))
    wanted = Wanted(SOURCE, "0:2", sub_path="part")
    beneath = Attach(SOURCE, "0:2", "part", read_only=False, beneath=True)
    assert to_publish(wanted, Seen((dead,), Health.DEAD)) == beneath
    assert to_publish(wanted, Seen((new, dead), Health.DEAD)) == Detach(dead.id)
    assert to_publish(wanted, Seen((new,), Health.ALIVE)) is None


def test_a_mount_that_died_after_it_was_attached_is_not_replaced_by_itself() -> None:
    """Else a call would go on for as long as its FUSE process is away; recovery renews the target."""
    mount = Node().mount("0:1", "/t", read_only=False)
    assert to_publish(Wanted(SOURCE, "0:1"), Seen((mount,), Health.DEAD)) is None
