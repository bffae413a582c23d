"""Groups of points by a graph of nearest neighbours and the Louvain method: no number to be given."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from promises.feedback.mining.vectors import Matrix, unit

Labels = NDArray[np.int64]
# So many cosines at once: a few arrays of this size are held at a time.
COSINES = 2_000_000
THREADS = 2
NEIGHBOURS = 10
FEWEST_FOR_OWN = 30
# A language of so large a share of the texts is looked for in every group, up to so large a share of one.
COMMON_LANGUAGE, ONE_LANGUAGE = 0.2, 0.93
SETTLING = 30
# So many columns are looked through together for the highest of a row.
TOGETHER = 32


def neighbours(points: Matrix, languages: Sequence[str], count: int = NEIGHBOURS) -> sparse.csr_matrix:
    """Symmetric graph of cosines to the *count* nearest points.

    Where there are several languages, half of a point's neighbours are of its own and half of the others:
    otherwise each language would keep to itself.
    """
    total = len(points)
    labels = np.array(languages)
    names = [n for n in sorted(set(languages)) if int((labels == n).sum()) >= FEWEST_FOR_OWN]
    everywhere = np.arange(total)
    pairs = [(everywhere, everywhere)]
    if len(names) > 1:
        same = [np.flatnonzero(labels == name) for name in sorted(set(languages))]
        pairs = [(own, own) for own in same] + [(own, np.setdiff1d(everywhere, own)) for own in same]
        count = (count + 1) // 2
    found = [nearest(points, own, others, count) for own, others in pairs if len(own) and len(others)]
    if not found:
        return sparse.csr_matrix((total, total))
    rows, columns, values = (np.concatenate(column) for column in zip(*found, strict=True))
    keep = values > 0.0
    one_way = sparse.csr_matrix((values[keep], (rows[keep], columns[keep])), shape=(total, total))
    return one_way.maximum(one_way.T).tocsr()


def nearest(points: Matrix, own: Labels, others: Labels, count: int) -> tuple[Labels, Labels, Matrix]:
    """The *count* of *others* nearest to each of *own*, never itself: rows, columns and cosines."""
    count = min(count, len(others))
    towards = np.ascontiguousarray(points[others].T)
    size = max(1, COSINES // len(others))

    def of_block(start: int) -> tuple[Labels, Matrix]:
        block = own[start : start + size]
        near = points[block] @ towards
        itself = np.minimum(np.searchsorted(others, block), len(others) - 1)
        there = np.flatnonzero(others[itself] == block)
        near[there, itself[there]] = -1.0
        best = top(near, count)
        return others[best].ravel(), np.take_along_axis(near, best, axis=1).ravel()

    # Threads: numpy lets go of the interpreter while it works, and each block is by itself.
    with ThreadPoolExecutor(THREADS) as pool:
        columns, values = zip(*pool.map(of_block, range(0, len(own), size)), strict=True)
    return np.repeat(own, count), np.concatenate(columns), np.concatenate(values)


def top(scores: Matrix, count: int) -> Labels:
    """Columns of the *count* highest scores of each row; of equal ones the earlier.

    Columns are taken together by ``TOGETHER``: the best of a row stand in those *count* groups that have the
    highest maxima, and only these are sorted.
    """
    groups = scores.shape[1] // TOGETHER
    if groups <= count:
        return np.argsort(-scores, axis=1, kind="stable")[:, :count]
    even = groups * TOGETHER
    highest = scores[:, :even].reshape(len(scores), TOGETHER, groups).max(axis=1)
    chosen = np.argsort(-highest, axis=1, kind="stable")[:, :count]
    inside = (chosen[:, None, :] + groups * np.arange(TOGETHER)[:, None]).reshape(len(scores), -1)
    rest = np.broadcast_to(np.arange(even, scores.shape[1]), (len(scores), scores.shape[1] - even))
    candidates = np.sort(np.hstack([inside, rest]), axis=1)
    order = np.argsort(-np.take_along_axis(scores, candidates, axis=1), axis=1, kind="stable")[:, :count]
    return np.take_along_axis(candidates, order, axis=1)


def groups(graph: sparse.csr_matrix, resolution: float) -> Labels:
    """The group of each point; deterministic, since the points come in a fixed order."""
    if graph.nnz == 0:
        return np.arange(graph.shape[0], dtype=np.int64)
    # Imported here: it takes as long as reading thousands of texts, and placing texts needs no groups.
    from sknetwork.clustering import Louvain

    louvain = Louvain(resolution=resolution, shuffle_nodes=False, random_state=0, tol_aggregation=1e-6)
    found: Labels = np.asarray(louvain.fit_predict(graph), dtype=np.int64)
    return found


def centres(points: Matrix, labels: Labels) -> Matrix:
    """The unit mean of each group, one row a label from 0."""
    count = int(labels.max()) + 1 if len(labels) else 0
    sums = np.zeros((count, points.shape[1]), np.float64)
    np.add.at(sums, labels, points.astype(np.float64))
    return unit(sums.astype(np.float32))


def renumber(labels: Labels) -> Labels:
    """Labels from 0 without gaps, in order of first appearance."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    order = np.argsort(np.argsort(first))
    found: Labels = order[inverse].astype(np.int64)
    return found


def join_alike(points: Matrix, labels: Labels, alike: float) -> Labels:
    """Join groups, the nearest first, while the centres of two are nearer to each other than *alike*."""
    labels = renumber(labels)
    while True:
        middle = centres(points, labels)
        near = middle @ middle.T
        np.fill_diagonal(near, -1.0)
        if len(near) < 2 or near.max() < alike:
            return labels
        one, other = sorted(divmod(int(near.argmax()), len(near)))
        labels = renumber(np.where(labels == other, one, labels))


def mix(points: Matrix, labels: Labels, languages: Sequence[str]) -> Labels:
    """Join each group that all but keeps to one language to the nearest group, if that is of others as well.

    What one language calls a problem the other does too, so a group of one language is a fault of its words.
    """
    told = np.unique(np.array(languages), return_inverse=True)[1]
    sizes = np.bincount(told)
    if len(sizes) < 2 or sizes.min() < len(told) * COMMON_LANGUAGE:
        return labels
    while True:
        shares = np.zeros((int(labels.max()) + 1, int(told.max()) + 1))
        np.add.at(shares, (labels, told), 1.0)
        most = (shares / shares.sum(axis=1, keepdims=True)).max(axis=1)
        if most.max() < ONE_LANGUAGE or len(most) < 2:
            return labels
        alone = int(most.argmax())
        middle = centres(points, labels)
        near = middle @ middle[alone]
        near[alone] = -np.inf  # two opposite groups have a cosine of -1
        labels = renumber(np.where(labels == alone, int(near.argmax()), labels))


def merge(points: Matrix, labels: Labels, number: int) -> Labels:
    """Join the two groups that lie nearest, by Ward's measure, until *number* are left."""
    labels = renumber(labels)
    count = int(labels.max()) + 1
    sizes = np.bincount(labels).astype(np.float64)
    sums = np.zeros((count, points.shape[1]), np.float64)
    np.add.at(sums, labels, points.astype(np.float64))
    target = np.arange(count)
    alive = list(range(count))
    while len(alive) > max(1, number):
        means = sums[alive] / sizes[alive][:, None]
        apart = ((means[:, None, :] - means[None, :, :]) ** 2).sum(axis=2)
        many = sizes[alive]
        weight = many[:, None] * many[None, :] / (many[:, None] + many[None, :])
        cost = apart * weight
        np.fill_diagonal(cost, np.inf)
        one, other = sorted(divmod(int(cost.argmin()), len(alive)))
        kept, gone = alive[one], alive.pop(other)
        sums[kept] += sums[gone]
        sizes[kept] += sizes[gone]
        target[target == gone] = kept
    return settle(points, renumber(target[labels]))


def settle(points: Matrix, labels: Labels) -> Labels:
    """Let each point go to the nearest centre until all stay (k-means from where *labels* are)."""
    for _ in range(SETTLING):
        nearest = (points @ centres(points, labels).T).argmax(axis=1)
        if (nearest == labels).all() or len(np.unique(nearest)) < int(labels.max()) + 1:
            break
        labels = nearest.astype(np.int64)
    return renumber(labels)
