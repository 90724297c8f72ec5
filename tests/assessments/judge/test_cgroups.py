"""Finding, limiting and removing control groups, on trees of plain files."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from assessments.judge import cgroups
from assessments.judge.cgroups import Group, Groups, NoGroups, find_groups

Tree = Callable[..., Path]


@pytest.fixture
def proc(tmp_path: Path) -> Tree:
    """`proc(mounts, cgroup)` makes a /proc/self that tells of these."""

    def make(mounts: str, cgroup: str) -> Path:
        (tmp_path / "mountinfo").write_text(mounts.format(top=tmp_path))
        (tmp_path / "cgroup").write_text(cgroup)
        return tmp_path

    return make


FIRST = (
    "30 25 0:26 / {top}/memory rw - cgroup cgroup rw,memory\n"
    "31 25 0:27 / {top}/cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
)
SECOND = "30 25 0:26 {root} {top}/unified rw - cgroup2 cgroup2 rw\n"


def test_own_groups_of_the_first_version_are_found(proc: Tree, tmp_path: Path) -> None:
    where = proc(FIRST, "4:memory:/service/worker\n2:cpu,cpuacct:/\n1:name=systemd:/x\n0::/\n")
    own = cgroups._own_folders(where)
    assert own["memory"] == tmp_path / "memory/service/worker"
    assert own["cpuacct"] == tmp_path / "cpuacct"
    groups = cgroups._groups_of(own)
    assert not groups.is_unified
    assert [name for name, _ in groups.parents] == ["memory", "cpuacct"]


def test_own_group_in_a_container_is_below_its_mount(proc: Tree, tmp_path: Path) -> None:
    where = proc(SECOND.replace("{root}", "/docker/abc"), "0::/docker/abc/inner\n")
    assert cgroups._own_folders(where)[""] == tmp_path / "unified/inner"


def unified(folder: Path, controllers: str, handed_down: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "cgroup.controllers").write_text(controllers)
    (folder / "cgroup.subtree_control").write_text(handed_down)
    (folder / "cgroup.procs").write_text("")
    return folder


def test_delegated_group_is_used_as_it_is(tmp_path: Path) -> None:
    own = unified(tmp_path / "own", "cpu memory pids", "cpu memory pids")
    assert cgroups._delegated(own) == own
    assert not (own / cgroups.LEAF).exists()
    leaf = own / cgroups.LEAF
    leaf.mkdir()
    assert cgroups._delegated(leaf) == own


def test_worker_moves_into_a_leaf_where_nothing_is_handed_down(tmp_path: Path) -> None:
    own = unified(tmp_path / "own", "cpu memory pids", "")
    leaf = own / cgroups.LEAF
    leaf.mkdir()
    (leaf / "cgroup.procs").write_text("")
    assert cgroups._delegated(own) == own
    assert (leaf / "cgroup.procs").read_text() == str(os.getpid())
    assert (own / "cgroup.subtree_control").read_text() in ("+memory", "+pids", "+cpu")


def test_group_without_the_memory_controller_is_refused(tmp_path: Path) -> None:
    own = unified(tmp_path / "own", "cpu pids", "")
    with pytest.raises(NoGroups, match="memory controller"):
        cgroups._delegated(own)


def test_machine_without_groups_is_refused(proc: Tree) -> None:
    with pytest.raises(NoGroups):
        find_groups(proc("1 1 0:1 / / rw - ext4 /dev/sda rw\n", "0::/\n"))


@pytest.mark.parametrize("is_unified", [True, False])
def test_limits_are_written_and_figures_read(tmp_path: Path, is_unified: bool) -> None:
    groups = Groups(
        (("memory", tmp_path), ("cpu" if is_unified else "cpuacct", tmp_path), ("pids", tmp_path)), is_unified
    )
    group = groups.make(64)
    (folder,) = group.folders
    assert (folder / ("memory.max" if is_unified else "memory.limit_in_bytes")).read_text() == str(64 * 2**20)
    assert (folder / "pids.max").read_text() == "64"
    assert group.joins == [str(folder / ("cgroup.procs" if is_unified else "tasks"))]
    if is_unified:
        (folder / "cpu.stat").write_text("usage_usec 1250000\nuser_usec 1\n")
        (folder / "memory.events").write_text("low 0\nmax 3\noom 1\noom_kill 0\n")
        (folder / "memory.peak").write_text(str(3 * 2**20))
    else:
        (folder / "cpuacct.usage").write_text("1250000000\n")
        (folder / "memory.oom_control").write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 0\n")
        (folder / "memory.max_usage_in_bytes").write_text(str(3 * 2**20))
    assert group.cpu_seconds() == 1.25
    assert group.peak_mb() == 3
    assert not group.is_out_of_memory()
    (folder / ("memory.events" if is_unified else "memory.oom_control")).write_text("oom 1\noom_kill 2\n")
    assert group.is_out_of_memory()


def test_groups_of_dead_workers_are_swept_and_those_of_living_ones_stay(tmp_path: Path) -> None:
    alive = tmp_path / f"judge-{os.getpid()}-{cgroups._started_at(os.getpid())}-1"
    dead = tmp_path / "judge-4194304-12-7"
    reused = tmp_path / f"judge-{os.getpid()}-1-1"
    other = tmp_path / "system.slice"
    for folder in (alive, dead, reused, other):
        folder.mkdir()
    Groups((("memory", tmp_path),), is_unified=False).sweep()
    assert sorted(tmp_path.iterdir()) == sorted([alive, other])


def test_group_that_cannot_be_removed_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cgroups, "REMOVED_WITHIN", 0.05)
    stuck = tmp_path / "judge-1-1-1"
    (stuck / "below").mkdir(parents=True)
    with pytest.raises(OSError, match="not empty"):
        Group({"memory": stuck}, is_unified=False).remove()
