"""DNNR and DNNC: committees of neural networks."""

from typing import Any

import numpy as np

from . import networks as nets
from . import training
from .balance import balance
from .calibration import platt, sigmoid, steeper
from .model_base import FOLDS, Model, folds, halves, member_seed

_WIDTH = 2 * np.sqrt(3)  # a uniform parameter gets mean 0 and width 1


class NetworkModel(Model):
    """A committee of networks; each holds out another tenth of the points.

    Half of this tenth tells the error, the other half when to stop the training: it is that which
    tells the error of the network before. So two networks have learned from none of these points.
    """

    loss = "mse"

    def __init__(self, name, config, dim):
        super().__init__(name, config, dim)
        self.members: Any = None
        self.middle, self.scale = np.zeros(1), np.ones(1)

    def warm_up(self):
        """Import TensorFlow, best in a thread while the first points are evaluated."""
        training.warm_up(self.config.N_Cores)

    def _fit(self, x, y, seed, fresh):
        fold = folds(x)
        going_on = self.members is not None and self.members[0].weights[-1].size == y.shape[1]
        if fresh or not going_on:
            earlier, error = (self.members, self.middle, self.scale), np.inf
            if going_on:
                self._test(x, y, fold)
                error = self.held_out.get("rms", np.inf)
            self._start(y, seed)
            self._train(x, y, fold, seed, True)
            # refined many times they may err less, on points that neither learned from
            if not self.held_out.get("rms", 0.0) > error:
                return
            self.members, self.middle, self.scale = earlier
        self._train(x, y, fold, seed, False)

    def _start(self, y, seed):
        """New networks, and the scale of what they learn."""
        cfg = self.config
        self._set_scale(y)
        sizes = [self.dim, *[cfg.DNN_nodes] * cfg.DNN_layers, y.shape[1]]
        self.members = [nets.new_network(sizes, member_seed(seed, 0, m))
                        for m in range(cfg.DNN_networks)]

    def _train(self, x, y, fold, seed, fresh):
        z = (y - self.middle) / self.scale
        part, jobs = _parts(x, fold), []
        for m in range(len(self.members)):
            own, stop = m % self._pairs, (m - 1) % self._pairs if self._pairs > 1 else FOLDS
            jobs.append(self._job(x, z, (part != own) & (part != stop), part == stop,
                                  member_seed(seed, 1, m)))
        self.members = training.train(self.members, jobs, self.schedule(fresh, len(x)),
                                      self.config.N_Cores)
        self._test(x, y, fold)

    def schedule(self, fresh: bool, n: int) -> training.Training:
        """How to train on n points: few need as many steps as many, so that epochs are added."""
        cfg = self.config
        times = max(1.0, -(-cfg.DNN_least_points // cfg.DNN_batch_size)
                    / -(-n // cfg.DNN_batch_size))
        epochs = cfg.DNN_epochs if fresh else cfg.DNN_epochs_more
        return training.Training(self.loss, cfg.DNN_activation, cfg.DNN_learning_rate,
                                 round(times * epochs), round(times * cfg.DNN_patience),
                                 cfg.DNN_batch_size)

    def _set_scale(self, y):
        self.middle = y.mean(0)
        self.scale = y.std(0)
        self.scale[self.scale == 0] = 1

    def _job(self, x, z, learnt, held, seed):
        inner, outer = self._inputs(x[learnt]), self._inputs(x[held])
        return training.Job(np.concatenate([inner, outer]), np.concatenate([z[learnt], z[held]]),
                        np.ones(len(inner) + len(outer)), len(inner), seed)

    @property
    def _pairs(self):
        """How many pairs of networks hold out a part of the points; 1: a single network."""
        return min(len(self.members), FOLDS)

    def _test(self, x, y, fold):
        """Pairs of networks on the points that neither learned; one was not stopped for them."""
        part, rows, answer, single = _parts(x, fold), [], [], []
        for k in range(self._pairs):
            rows.append(np.flatnonzero(part == k))
            each = np.stack([self._outputs(x[rows[-1]], [self.members[m]], m)[0]
                             for m in sorted({k, (k + 1) % self._pairs})])
            answer.append(each.mean(0))
            single.append(each)
        held = np.concatenate(rows)
        self._evaluate(x[held], y[held], np.concatenate(answer))
        if "platt" in self.held_out:
            near = self._near_good(x[held])
            each = np.concatenate(single, 1)[:, near]
            good = np.broadcast_to(y[held, :each.shape[2]][near] > 0.5, each.shape)
            slope, offset = self.held_out["platt"]
            self.held_out["platt"] = [steeper(platt(each.ravel(), good.ravel())[0], slope,
                                              max(2, len(self.members))), offset]

    def _scatter(self, x):
        """Of the mean of two networks around that of all."""
        n = len(self.members)
        return self._outputs(x, self.members).var(0) * ((0.5 * n - 1) / (n - 1) if n > 1 else 0)

    def _inputs(self, x):
        return ((x - 0.5) * _WIDTH).astype(np.float32)

    def _forward(self, x, members, first):
        """What the networks give (members, n, outputs); `first` of them is the first of these."""
        names = nets.one_each(self.config.DNN_activation, first + len(members))[first:]
        return nets.forward(members, self._inputs(x), names, self.config.N_Cores)

    def _outputs(self, x, members, first=0):
        """Answers (members, n, m) of each network, in the units of y."""
        z = self._forward(x, members, first)
        return z.astype(float) * self.scale + self.middle

    def _predict(self, x):
        each = self._outputs(x, self.members)
        spread = each.std(0, ddof=1) if len(each) > 1 else np.full(
            each[0].shape, self.held_out.get("rms", 0.0))
        return each.mean(0), spread

    def frozen(self):
        """Weights, and the scales of the values."""
        return {k: v for k, v in self.arrays().items()
                if not k.startswith(("first", "second", "steps"))}

    def thaw(self, arrays):
        """Take what `frozen` gave; a training that goes on starts Adam anew."""
        arrays, count = dict(arrays), 0
        for key in [key for key in arrays if key.startswith("weights_")]:
            count = max(count, int(key.split("_")[1]) + 1)
            for part in ("first", "second"):
                arrays[key.replace("weights", part)] = np.zeros_like(arrays[key])
        self.restore(arrays | {"steps": np.zeros(count, int)})
        for network in self.members:
            nets.check_shapes(network, self.dim)

    def write_keras(self, path):
        """Save the committee as a Keras model: unit box -> mean; see keras_files.py."""
        from .keras_files import write_keras  # with TensorFlow
        scales = (self.scale, self.middle) if self.kind == "regressor" else ()
        write_keras(path, self._asked(), self.config.DNN_activation, _WIDTH, *scales)

    def _asked(self):
        """The networks without what they learned beside y."""
        return [network._replace(weights=[*network.weights[:-2], *(
            w[..., :self.outputs or 1] for w in network.weights[-2:])]) for network in self.members]

    def arrays(self):
        """Weights, Adam's moments and steps of each network, and the scales of the values."""
        if self.members is None:
            return {}
        result = {"middle": self.middle, "scale": self.scale,
                  "steps": np.array([n.steps for n in self.members])}
        for m, network in enumerate(self.members):
            for part in ("weights", "first", "second"):
                for k, a in enumerate(getattr(network, part)):
                    result[f"{part}_{m}_{k}"] = a
        return result

    def restore(self, arrays):
        """Take what `arrays` gave; the networks go on from there."""
        if not arrays:
            self.members = None
            return
        self.middle, self.scale = np.array(arrays["middle"]), np.array(arrays["scale"])
        self.members = []
        for m, steps in enumerate(arrays["steps"]):
            count = sum(1 for key in arrays if key.startswith(f"weights_{m}_"))
            parts = [[np.array(arrays[f"{part}_{m}_{k}"], np.float32) for k in range(count)]
                     for part in ("weights", "first", "second")]
            weights, first, second = parts
            self.members.append(nets.Network(weights, first, second, int(steps)))


def _parts(x, fold):
    """Half of a fold to which each row belongs: that of its number, or FOLDS more; -1: none."""
    return np.where(halves(x) & (fold >= 0), fold + FOLDS, fold)


class DNNR(NetworkModel):
    """Regression by a committee of networks."""

    blunders = True


class DNNC(NetworkModel):
    """Classification by a committee of networks, trained on classes balanced with SMOTE."""

    kind = "classifier"
    loss = "logistic"
    learns_nested = True

    def _set_scale(self, y):
        self.middle, self.scale = np.zeros(1), np.ones(1)

    def _job(self, x, z, learnt, held, seed):
        if self.outputs:    # several labels asked for have no common balance
            return super()._job(x, z, learnt, held, seed)
        inner, label, weight = balance(x[learnt], z[learnt], self.config.K_SMOOTE, seed)
        good = z[held, 0] > 0.5
        share = np.where(good, 0.5 / max(1, good.sum()), 0.5 / max(1, (~good).sum())) * held.sum()
        return training.Job(self._inputs(np.concatenate([inner, x[held]])),
                        np.concatenate([label, z[held]]),
                        np.concatenate([weight, share]), len(inner), seed)

    def _outputs(self, x, members, first=0):
        z = self._forward(x, members, first)
        return sigmoid(z[..., :self.outputs or 1].astype(float))
