"""How queries are asked and answered in a simulated cluster."""

from fluid.engines.core.plan import Plan
from fluid.engines.core.queries import (
    ClaimUser,
    ClaimUsers,
    ClaimVolume,
    Exec,
    FailedCreate,
    ReadClaim,
    ReadConfigMap,
    Results,
)
from fluid.engines.core.query import AnyQuery
from fluid.engines.core.snapshot import Snapshot
from fluid.engines.testing.lifecycle.cluster import incarnation
from fluid.engines.testing.lifecycle.sending import Sender
from fluid.engines.testing.lifecycle.stores import ResultCache
from fluid.models import ConfigMap, PersistentVolumeClaim, Pod
from fluid.types import Key, KubeObject


class Asker(Sender):
    """One process with its queries."""

    @property
    def has_news(self) -> bool:
        """Whether results are there, or on their way, that no pass has seen."""
        return self.deadline or any(book.waiting or book.fresh for book in self.caches_of_results.values())

    def run_queries(self) -> None:
        """Everything asked for is answered, unless it hangs; failures have waited long enough."""
        for key, result_cache in list(self.caches_of_results.items()):
            if result_cache.failed and not result_cache.waiting:
                result_cache.clear()
                result_cache.useless = False
                self.note_deadline(True)  # the end of a back-off wakes the runtime
            for query in list(result_cache.waiting):
                if self._answer(query, result_cache):
                    result_cache.waiting.remove(query)
                    result_cache.fresh.add(query)
            if self.cluster.get(self.real.kind, key) is None:
                del self.caches_of_results[key]
        for looks in self.looks.values():
            for query, before in looks.items():
                looks[query] = self._looked_at(query)
                self.note_deadline(looks[query] != before, add=True)

    def time_out(self) -> None:
        """Commands that hang reach their deadline."""
        for result_cache in self.caches_of_results.values():
            for query in result_cache.waiting:
                result_cache.answers[query] = query.unanswered("no answer in time")
                result_cache.fresh.add(query)
            result_cache.waiting.clear()

    def _answer(self, query: AnyQuery, result_cache: ResultCache) -> bool:
        """Note what a query brings; False while it hangs."""
        match query:
            case Exec():
                pod = self.cluster.get(Pod, query.pod)
                answer = self.cluster.caches.answer(query, incarnation(pod) if pod else "")
                if answer is None:
                    return False
                result_cache.answers[query] = answer
            case ReadConfigMap():
                found = self.cluster.get(ConfigMap, query.key)
                result_cache.answers[query] = frozenset(found.data or ()) if found else None
            case ReadClaim():
                claim = self.cluster.get(PersistentVolumeClaim, query.key)
                bound = claim is not None and claim.status is not None and claim.status.phase == "Bound"
                result_cache.answers[query] = ClaimVolume() if bound else None
            case ClaimUsers():
                nodes = sorted(self.cluster.readers.get(query.key, set()))
                result_cache.answers[query] = tuple(ClaimUser(f"reader-{one}", one) for one in nodes)
            case _:
                result_cache.answers[query] = self.cluster.caches.queries(query)
        return True

    def _looked_at(self, query: AnyQuery) -> object:
        """The answer of a query about something that lasts."""
        if isinstance(query, FailedCreate):
            return self.cluster.refuses.get(query.workload.name, "")
        return self.cluster.caches.queries(query)

    def _answers(self, key: Key) -> Results:
        lasting = {one: answer for one, answer in self.looks.get(key, {}).items() if answer is not None}
        return self.caches_of_results.get(key, ResultCache()).results(lasting)

    def _ask(self, snapshot: Snapshot[KubeObject], plan: Plan, *, keep: bool) -> None:
        before = self.looks.get(snapshot.runtime.key, {})
        lasting = [q for q in plan.queries if q.lasting]
        if not plan.partial:
            self.looks[snapshot.runtime.key] = {q: before.get(q) for q in lasting}
        result_cache = self.caches_of_results.setdefault(snapshot.runtime.key, ResultCache())
        asked = [q for q in plan.queries if q not in lasting]
        unknown = [q for q in asked if not result_cache.knows(q) and q not in result_cache.waiting]
        self.asked.extend([] if snapshot.sample_due else unknown)
        result_cache.useless = result_cache.useless or bool(plan.useless)
        busy = any(not q.in_background for q in result_cache.waiting)
        batch = [q for q in unknown if not q.in_background]
        result_cache.waiting += [q for q in unknown if q.in_background]
        if batch and not busy:
            result_cache.waiting += batch
        elif not result_cache.waiting and not result_cache.failed and not keep:
            del self.caches_of_results[snapshot.runtime.key]
