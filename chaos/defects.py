"""Defects an engine could have, each as a change of its text, and the short tests that must notice it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mutation:
    """One defect: a text that stands in a file exactly once, what stands there instead, and who is asked."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


KILLS, DISK, PEERS, LEASES, CLOCK, DATABASES, FUZZ = (
    f"faults/test_{name}.py"
    for name in ("kills", "failing_disk", "lying_peers", "leases", "clock_jumps", "databases", "fuzz")
)
CUTS = "faults/test_power_cuts.py::test_fifty_power_cuts_leave_every_promise_kept"
STATES = (
    "engine/store/test_delivery_states.py::"
    "test_a_history_of_chance_keeps_order_fences_and_loses_nothing_in_one_file"
)

MUTATIONS = (
    Mutation(
        "answers before the commit",
        "ayni/engine/writing.py",
        "        self._to_sync.put(_Group(changes, is_open))\n",
        "        self._to_sync.put(_Group(changes, is_open))\n        _tell(changes)\n",
        (CUTS,),
    ),
    Mutation(
        "synchronous = normal",
        "ayni/wire/database.py",
        '    if (mode, synchronous) != ("wal", FULL):\n',
        '    connection.execute("pragma synchronous = normal")\n'
        '    if (mode, synchronous) != ("wal", FULL):\n',
        (CUTS,),
    ),
    Mutation(
        "a repeated message is a new one",
        "ayni/engine/store/messages.py",
        '    message_id = tx.insert("insert_message", *values_of(message))\n',
        "    from msgspec.structs import replace\n"
        "    message = replace(message, is_keyed=False)\n"
        '    message_id = tx.insert("insert_message", *values_of(message))\n',
        (KILLS,),
    ),
    Mutation(
        "settles without looking at its token",
        "ayni/engine/store/statements.sql",
        "waiting_count - ?, due_at = ?\n where id = ? and token = ? and owner is not null;",
        "waiting_count - ?, due_at = ?\n where id = ? and ? >= 0;",
        (LEASES,),
    ),
    Mutation(
        "forgets the order of a lane",
        "ayni/engine/store/statements.sql",
        "lane_id = asked.value order by number limit 1",
        "lane_id = asked.value order by number desc limit 1",
        (KILLS,),
    ),
    Mutation(
        "takes a failed commit for a good one",
        "ayni/engine/writing.py",
        '            self._undo(changes, error)\n            return False\n        failpoint("committed")\n',
        '            self._database.rollback()\n        failpoint("committed")\n',
        (DISK,),
    ),
    Mutation(
        "goes on after a sync that failed",
        "ayni/engine/writing.py",
        "            end_at_once(error)\n",
        "            pass\n",
        (DISK,),
    ),
    Mutation(
        "takes any answer for a yes",
        "ayni/wire/hl7_link.py",
        "            judge(answer.content, control_id)\n",
        "            pass\n",
        (PEERS,),
    ),
    Mutation(
        "does not look at whose answer it is",
        "ayni/wire/hl7_link.py",
        "or echoed != control_id ",
        "",
        (PEERS,),
    ),
    Mutation(
        "lets every stopped lane pass",
        "ayni/engine/delivery.py",
        'pause),\n            holds=policy.when_stopped == "hold"',
        "pause),\n            holds=False",
        (PEERS,),
    ),
    Mutation(
        "forgets what it was sending when it ended",
        "ayni/engine/runtime.py",
        "        await self.pipeline.store.recover(self._owner, at=self.pipeline.steady_now())\n",
        "",
        (KILLS,),
    ),
    Mutation(
        "begins to send when its lease may be over",
        "ayni/wire/mllp/client.py",
        "            if asyncio.get_running_loop().time() > begin_by:\n",
        "            if False:\n",
        (LEASES,),
    ),
    Mutation(
        "leases by the clock that people set",
        "ayni/wire/clock.py",
        "    return lambda: began + timedelta(seconds=time.clock_gettime(_UPTIME) - started)\n",
        "    return now\n",
        (CLOCK,),
    ),
    Mutation(
        "waits for a clock that was set back",
        "ayni/engine/store/lanes.py",
        '    tx.run("be_due", at, at)\n',
        "",
        (CLOCK,),
    ),
    Mutation(
        "takes a commit whose answer was lost for a good one",
        "ayni/engine/store/postgresql_link.py",
        '            self._connection.execute("commit")\n'
        "        except psycopg.Error:\n"
        "            self._lose()\n"
        "            raise\n",
        '            self._connection.execute("commit")\n'
        "        except psycopg.Error:\n"
        "            self._lose()\n",
        (DATABASES,),
    ),
    Mutation(
        "counts only what comes",
        "ayni/engine/store/transaction.py",
        "        tally[names] = tally.get(names, 0) + by\n",
        "        tally[names] = tally.get(names, 0) + abs(by)\n",
        (KILLS,),
    ),
    Mutation(
        "writes no attempts down",
        "ayni/engine/store/lanes.py",
        '    tx.run(\n        "insert_attempt",',
        '    (lambda *_: None)(\n        "insert_attempt",',
        (KILLS,),
    ),
    Mutation(
        "leases what somebody has in hand",
        "ayni/engine/store/statements.sql",
        "waiting_count > 0 and due_at <= ?\n               order by due_at limit ?)",
        "waiting_count > 0 and due_at <= 100000000 + ?\n               order by due_at limit ?)",
        (STATES,),
    ),
    Mutation(
        "settles one lane of several that it lost",
        "ayni/engine/store/lanes.py",
        '    if len(tokens) > 1 and not all(tx.one("owned_lane", *each) for each in tokens):\n',
        "    if False:\n",
        (STATES,),
    ),
    Mutation(
        "misses an end mark that is cut between two reads",
        "ayni/wire/mllp/frames.py",
        "        self._searched = max(0, len(waiting) - 1)\n",
        "        self._searched = len(waiting)\n",
        (FUZZ,),
    ),
    Mutation(
        "ends every message that it writes with a segment's end",
        "ayni/vocabulary/hl7/parser.py",
        '    terminator = "\\r" if text.endswith("\\r") else ""\n',
        '    terminator = "\\r"\n',
        (FUZZ,),
    ),
    Mutation(
        "says when it answers in signs that are separators",
        "ayni/vocabulary/hl7/acknowledgement.py",
        '    return text if written.escape(text) == text else re.split("[+-]", text)[0]\n',
        "    return text\n",
        (FUZZ,),
    ),
)
