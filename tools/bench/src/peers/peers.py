"""NumPy and PyTorch contestants. Reads one JSON request a line, answers one JSON line."""
import json
import sys
import time

library = sys.argv[1]
if library == "numpy":
    import numpy as np
else:
    import numpy as np
    import torch

    torch.set_num_threads(1)


def ramp(n, scale=1.0, dtype="float64"):
    """The inputs of src/inputs.ts: multiples of the golden ratio modulo 2^32, scaled to [-scale, scale)."""
    i = np.arange(1, n + 1, dtype=np.uint64) * np.uint64(2654435761) % np.uint64(2**32)
    return ((i.astype(np.float64) / 2**31 - 1) * scale).astype(dtype)


def indices(n, bound):
    """The indices of src/inputs.ts."""
    i = np.arange(1, n + 1, dtype=np.uint64) * np.uint64(2654435761) % np.uint64(2**32)
    return (i % np.uint64(bound)).astype(np.int64)


def matmul(m, n, k, dtype):
    a, b = ramp(m * k, dtype=dtype).reshape(m, k), ramp(n * k, 0.5, dtype).reshape(n, k).T.copy()
    if library == "torch":
        a, b = torch.from_numpy(a), torch.from_numpy(b)
    return lambda: a @ b


def eager_op():
    a, b = ramp(4), ramp(4, 2.0)
    if library == "torch":
        a, b = torch.from_numpy(a), torch.from_numpy(b)
    return lambda: a + b


def exp_million(dtype):
    x = ramp(1_000_000, 4.0, dtype)
    if library == "torch":
        x = torch.from_numpy(x)
        return lambda: torch.exp(x)
    return lambda: np.exp(x)


def single(of):
    """Of a million float32 in [-4, 4)."""
    x = ramp(1_000_000, 4.0, "float32")
    if library == "torch":
        x = torch.from_numpy(x)
    return lambda: of(x)


def logsumexp(dtype):
    x = ramp(1_000_000, 10.0, dtype)
    if library == "torch":
        x = torch.from_numpy(x)
        return lambda: torch.logsumexp(x, 0)

    def run():
        m = np.max(x)
        return np.log(np.sum(np.exp(x - m))) + m

    return run


def softmax():
    x = ramp(1024 * 1024, 4.0, "float32").reshape(1024, 1024)
    if library == "torch":
        x = torch.from_numpy(x)
        return lambda: torch.softmax(x, -1)

    def run():
        e = np.exp(x - x.max(1, keepdims=True))
        return e / e.sum(1, keepdims=True)

    return run


def layers():
    sizes = (2, 64, 64, 2)
    x = ramp(65536 * 2, 1.0, "float32").reshape(65536, 2)
    scales = (0.7, 0.125, 0.125)
    ws = [ramp(a * b, c, "float32").reshape(a, b) for a, b, c in zip(sizes, sizes[1:], scales)]
    bs = [ramp(n, 0.1, "float32") for n in sizes[1:]]
    if library == "torch":
        x, ws, bs = torch.from_numpy(x), [torch.from_numpy(w) for w in ws], [torch.from_numpy(b) for b in bs]

    def run():
        h = x
        for i in range(3):
            h = torch.addmm(bs[i], h, ws[i]) if library == "torch" else h @ ws[i] + bs[i]
            if i < 2:
                h = torch.relu(h) if library == "torch" else np.maximum(h, 0)
        return h

    return run


def attention():
    q, k, v = (ramp(2048 * 64, s, "float32").reshape(2048, 64) for s in (1.0, 1.0, 0.5))
    if library == "torch":
        q, k, v = (torch.from_numpy(x) for x in (q, k, v))
        return lambda: torch.softmax(q @ k.T * 0.125, -1) @ v

    def run():
        s = q @ k.T * np.float32(0.125)
        e = np.exp(s - s.max(1, keepdims=True))
        return e / e.sum(1, keepdims=True) @ v

    return run


def layer_norm():
    x = ramp(1024 * 1024, 4.0, "float32").reshape(1024, 1024)
    scale, offset = np.ones(1024, "float32"), np.zeros(1024, "float32")
    if library == "torch":
        x, scale, offset = torch.from_numpy(x), torch.from_numpy(scale), torch.from_numpy(offset)
        return lambda: torch.nn.functional.layer_norm(x, (1024,), scale, offset, 1e-5)

    def run():
        c = x - x.mean(1, keepdims=True)
        return c / np.sqrt(np.mean(c * c, 1, keepdims=True) + np.float32(1e-5)) * scale + offset

    return run


def sde(dtype):
    paths, steps, dt = 100_000, 1000, np.dtype(dtype).type(1e-3)

    def run():
        rng = np.random.default_rng(0)
        x, z = np.zeros(paths, dtype), np.empty(paths, dtype)
        for _ in range(steps):
            rng.standard_normal(out=z, dtype=dtype)
            z *= np.sqrt(dt)
            x *= 1 - dt
            x += z
        return np.array([np.mean(x**2)])

    return run


def lorenz():
    """The work of rows/loops.ts."""
    n, steps, h = 10_000, 100, 0.01
    start = ramp(3 * n, 5.0).reshape(3, n) + np.array([[0.0], [0.0], [25.0]])
    if library == "torch":
        start = torch.from_numpy(start)
    stack = torch.stack if library == "torch" else np.stack

    def f(s):
        x, y, z = s
        return stack([10 * (y - x), x * (28 - z) - y, x * y - 8 / 3 * z])

    def run():
        s = start
        for _ in range(steps):
            k1 = f(s)
            k2 = f(s + h / 2 * k1)
            k3 = f(s + h / 2 * k2)
            k4 = f(s + h * k3)
            s = s + h / 6 * (k1 + 2 * (k2 + k3) + k4)
        return s

    return run


def recurrence():
    n, steps = 16, 10_000
    w, b, start = ramp(n * n, 0.25, "float32").reshape(n, n), ramp(n, 0.5, "float32"), ramp(n, 1.0, "float32")
    if library == "torch":
        w, b, start = torch.from_numpy(w), torch.from_numpy(b), torch.from_numpy(start)
    tanh = torch.tanh if library == "torch" else np.tanh

    def run():
        x = start
        for _ in range(steps):
            x = tanh(w @ x + b) + 0.5 * x
        return x

    return run


def digits_step():
    """The step of rows/digits-step.ts, on Gaussian numbers of falling variance instead of digits: the first loss has the same closed form."""
    size, width, blocks, features, classes, batch = 196, 384, 3, 64, 10, 128
    torch.manual_seed(0)
    variance = 10.0 / (1.0 + torch.arange(size))
    data = torch.randn(8000, size) * variance.sqrt()
    labels = torch.randint(0, classes, (8000,))
    frequencies = np.pi * torch.exp(np.log(32.0) * torch.arange(features // 2) / (features // 2 - 1))
    nn = torch.nn

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.input, self.time = nn.Linear(size, width), nn.Linear(features, width)
            self.label = nn.Embedding(classes + 1, width)
            self.norm = nn.ModuleList(nn.LayerNorm(width) for _ in range(blocks))
            self.up = nn.ModuleList(nn.Linear(width, width) for _ in range(blocks))
            self.condition = nn.ModuleList(nn.Linear(width, width) for _ in range(blocks))
            self.down = nn.ModuleList(nn.Linear(width, width) for _ in range(blocks))
            self.output = nn.Linear(width, size)
            for layer in [*self.down, self.output]:
                nn.init.zeros_(layer.weight)
                nn.init.zeros_(layer.bias)

        def forward(self, x, t, label):
            silu = nn.functional.silu
            angles = t[:, None] * frequencies
            c = silu(self.time(torch.cat([angles.cos(), angles.sin()], -1)) + self.label(label))
            h = self.input(x)
            for norm, up, condition, down in zip(self.norm, self.up, self.condition, self.down):
                h = h + down(silu(up(norm(h)) + condition(c)))
            return self.output(silu(h))

    net = Net()
    params = list(net.parameters())
    average = [p.detach().clone() for p in params]
    adam = torch.optim.Adam(params, lr=1e-3)
    done = 0

    def step(train=True):
        nonlocal done
        rows = torch.randint(0, len(data), (batch,))
        z1, z0 = data[rows], torch.randn(batch, size)
        time = (torch.arange(batch) + torch.rand(batch)) / batch
        t = time[:, None]
        z = (1 - t) * z0 + t * z1
        spread = t**2 * variance + (1 - t) ** 2
        scale = torch.sqrt(t**2 * variance.mean() + (1 - t) ** 2)
        v = (t * variance - (1 - t)) / spread * z + torch.sqrt(variance / spread) * net(z / scale, time, labels[rows])
        loss = ((v - (z1 - z0)) ** 2).sum(-1).mean() / size
        if not train:
            return loss.detach()
        adam.zero_grad()
        loss.backward()
        adam.step()
        keep = min(0.999, (done + 1) / (done + 10))
        done += 1
        with torch.no_grad():
            torch._foreach_mul_(average, keep)
            torch._foreach_add_(average, params, alpha=1 - keep)
        return loss.detach()

    first = torch.stack([step(train=False) for _ in range(16)]).mean() / (np.pi / 2 * variance.sqrt().mean())
    step.result = lambda: first
    return step


def mlp_step():
    w = [ramp(2 * 64, 0.7, "float32").reshape(2, 64), ramp(64 * 64, 0.125, "float32").reshape(64, 64), ramp(64 * 2, 0.125, "float32").reshape(64, 2)]
    x = torch.from_numpy(ramp(512, 1.0, "float32").reshape(256, 2))
    y = torch.from_numpy(np.stack([np.sin(3 * x[:, 0].numpy()), np.cos(2 * x[:, 1].numpy())], 1).astype("float32"))
    ws = [torch.from_numpy(v.copy()).requires_grad_() for v in w]
    bs = [torch.zeros(k, requires_grad=True) for k in (64, 64, 2)]
    params = ws + bs
    initial = [p.detach().clone() for p in params]

    def loss():
        h = torch.tanh(x @ ws[0] + bs[0])
        h = torch.tanh(h @ ws[1] + bs[1])
        return ((h @ ws[2] + bs[2] - y) ** 2).mean()

    def step():
        value = loss()
        grads = torch.autograd.grad(value, params)
        with torch.no_grad():
            for p, g in zip(params, grads):
                p -= 0.05 * g
        return value

    def result():
        with torch.no_grad():
            for p, q in zip(params, initial):
                p.copy_(q)
        return torch.tensor([float(step().detach()) for _ in range(20)])

    step.result = result
    return step


def factors(name, n):
    """The work of rows/linalg.ts; the result is the product of the factors."""
    a = ramp(n * n).reshape(n, n)
    if name in ("cholesky", "solve", "eigh"):
        a = a @ a.T + n * np.eye(n)
    b = a @ np.ones(n)
    work = {
        "cholesky": lambda: np.linalg.cholesky(a),
        "solve": lambda: np.linalg.solve(a, b),
        "qr": lambda: np.linalg.qr(a),
        "eigh": lambda: np.linalg.eigh(a),
        "svd": lambda: np.linalg.svd(a),
        "eig": lambda: np.linalg.eig(a),
    }[name]
    combine = {
        "cholesky": lambda l: l @ l.T,
        "solve": lambda x: x,
        "qr": lambda f: f[0] @ f[1],
        "eigh": lambda f: (f[1] * f[0]) @ f[1].T,
        "svd": lambda f: (f[0] * f[1]) @ f[2],
        "eig": lambda f: np.real(np.array([f[0].sum(), (f[0] ** 2).sum()])),
    }[name]

    def run():
        return work()

    run.result = lambda: combine(work())
    return run


def laplacian(side):
    """The five-point Laplacian of rows/large.ts as a SciPy matrix."""
    import scipy.sparse as sp

    line = sp.diags([-1.0, 2.0, -1.0], [-1, 0, 1], shape=(side, side))
    return sp.kronsum(line, line).tocsr()


def sparse_matvec():
    a, x = laplacian(300), ramp(90_000)
    return lambda: a @ x


def cg_laplacian():
    import scipy.sparse.linalg as sl

    a = laplacian(100)
    b = a @ np.ones(10_000)
    tol = "rtol" if "rtol" in sl.cg.__code__.co_varnames else "tol"  # SciPy renamed it in 1.12
    return lambda: sl.cg(a, b, maxiter=100_000, **{tol: 1e-10})[0]


def sparse_pattern():
    import scipy.sparse as sp

    c = laplacian(300).tocoo()
    run = lambda: sp.csr_matrix((c.data, (c.row, c.col)), shape=c.shape)
    run.result = lambda: run() @ np.ones(90_000)
    return run


def sparse_cholesky():
    import scipy.sparse.linalg as sl

    a = laplacian(100)
    b, a = a @ np.ones(10_000), a.tocsc()
    options = dict(permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options=dict(SymmetricMode=True))
    return lambda: sl.splu(a, **options).solve(b)


def randomized_svd():
    """Halko, Martinsson and Tropp's algorithm 4.4 with 10 more directions and 2 power iterations, as @ansatz/linalg does it."""
    m, n, k = 1000, 500, 20
    unit = lambda x: x / np.linalg.norm(x)
    u, v = unit(ramp(m)), unit(ramp(n, 0.5))
    d = np.zeros((m, n))
    np.fill_diagonal(d, 0.8 ** np.arange(n))
    a = d - 2 * np.outer(u, u @ d)
    a = a - 2 * np.outer(a @ v, v)
    random = np.random.default_rng(0)

    def work():
        q = np.linalg.qr(a @ random.standard_normal((n, k + 10)))[0]
        for _ in range(2):
            q = np.linalg.qr(a @ np.linalg.qr(a.T @ q)[0])[0]
        x, s, vt = np.linalg.svd(q.T @ a, full_matrices=False)
        return q @ x[:, :k], s[:k], vt[:k]

    def run():
        return work()

    run.result = lambda: work()[1]
    return run


def fourier(n):
    turn = 2 * np.pi * (np.arange(n) * 123 % n) / n
    z = np.exp(1j * turn)

    def run():
        return np.fft.fft(z)

    run.result = lambda: np.concatenate([run().real, run().imag])
    return run


def sort():
    x = ramp(10**6)
    if library == "torch":
        x = torch.from_numpy(x)
        return lambda: torch.sort(x).values
    return lambda: np.sort(x)


def cumsum():
    x = ramp(10**6, dtype="float32")
    if library == "torch":
        x = torch.from_numpy(x)
        return lambda: torch.cumsum(x, 0)
    return lambda: np.cumsum(x)


def gather():
    x, i = ramp(10**5, dtype="float32"), indices(10**6, 10**5)
    if library == "torch":
        x, i = torch.from_numpy(x), torch.from_numpy(i)
    return lambda: x[i]


def scatter_add():
    x, i = ramp(10**6, dtype="float32"), indices(10**6, 10**5)
    if library == "torch":
        x, i = torch.from_numpy(x), torch.from_numpy(i)
        return lambda: torch.zeros(10**5).index_add_(0, i, x)

    def run():
        y = np.zeros(10**5, dtype="float32")
        np.add.at(y, i, x)
        return y

    return run


def conv_digits():
    """The gradients of half the sum of squares of a 3 × 3 convolution."""
    n, c, o, side = 32, 8, 16, 28
    x = torch.from_numpy(ramp(n * c * side * side, dtype="float32").reshape(n, c, side, side)).requires_grad_()
    k = torch.from_numpy(ramp(o * c * 9, 0.1, "float32").reshape(o, c, 3, 3)).requires_grad_()

    def run():
        y = torch.nn.functional.conv2d(x, k, padding=1)
        return torch.cat([g.ravel() for g in torch.autograd.grad(y, (x, k), y.detach())])

    return run


rows = {
    "sparse-matvec": sparse_matvec,
    "cg-laplacian": cg_laplacian,
    "sparse-pattern": sparse_pattern,
    "sparse-cholesky": sparse_cholesky,
    "randomized-svd": randomized_svd,
    "fft-1000": lambda: fourier(1000),
    "fft-65536": lambda: fourier(65_536),
    "fft-100003": lambda: fourier(100_003),
    "eager-op": eager_op,
    "sort-1e6": sort,
    "cumsum-1e6": cumsum,
    "gather": gather,
    "scatter-add": scatter_add,
    "softmax-1024-f32": softmax,
    "mlp-forward-65536-f32": layers,
    "attention-2048-f32": attention,
    "lorenz-rk4-1e4x100-f64": lorenz,
    "scan-1e4x16-f32": recurrence,
    "layernorm-1024-f32": layer_norm,
}
for m, n, k in ((512, 512, 512), (256, 64, 64), (256, 2, 64), (64, 256, 64), (512, 1, 512)):
    for bits in (32, 64):
        name = str(m) if m == n == k else f"{m}x{n}x{k}"
        rows[f"matmul-{name}-f{bits}"] = lambda m=m, n=n, k=k, bits=bits: matmul(m, n, k, f"float{bits}")
for size in (50, 200, 500):
    for kind in ("cholesky", "solve", "qr", "eigh", "svd", "eig"):
        rows[f"{kind}-{size}"] = lambda kind=kind, size=size: factors(kind, size)
if library == "torch":
    rows["mlp-step"] = mlp_step
    rows["conv-digits"] = conv_digits
    rows["digits-step"] = digits_step
sin_of, abs_of = (torch.sin, torch.abs) if library == "torch" else (np.sin, np.abs)
rows["sin-1e6-f32"] = lambda: single(sin_of)
rows["pow-1e6-f32"] = lambda: single(lambda x: abs_of(x) ** (1.7 if library == "torch" else np.float32(1.7)))
rows["dropped-1e6-f32"] = lambda: single(lambda x: x + 1)
for short, dtype in (("f32", "float32"), ("f64", "float64")):
    rows[f"exp-1e6-{short}"] = lambda dtype=dtype: exp_million(dtype)
    rows[f"logsumexp-1e6-{short}"] = lambda dtype=dtype: logsumexp(dtype)
    if library == "numpy":
        rows[f"sde-1e5x1e3-{short}"] = lambda dtype=dtype: sde(dtype)

ready = {}


def flat(x):
    x = x.detach().numpy() if library == "torch" else x
    return [float(v) for v in np.asarray(x, dtype=np.float64).ravel()]


for line in sys.stdin:
    request = json.loads(line)
    try:
        row, todo = request["row"], request["do"]
        if todo == "setup":
            if row not in rows:
                raise KeyError(f"{library} has no row {row}")
            ready[row] = rows[row]()
            answer = {}
        elif todo == "run":
            f = ready[row]
            t = time.perf_counter()
            for _ in range(request["times"]):
                f()
            answer = {"ms": (time.perf_counter() - t) * 1e3 / request["times"]}
        else:
            f = ready[row]
            answer = {"result": flat(f.result() if hasattr(f, "result") else f())}
    except Exception as e:  # the harness names the peer that fails and goes on
        answer = {"error": f"{type(e).__name__}: {e}"}
    print(json.dumps(answer), flush=True)
