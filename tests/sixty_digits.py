"""A model with one random intercept in 60-digit arithmetic: sums, optimum, standard errors, Satterthwaite's df."""

from decimal import Decimal, localcontext

import numpy as np

DIGITS = 60
STEP = Decimal("1e-15")  # of differences: their error is of the order of its square


class Exact:
    """REML fit of y ~ x + (1 | group), from rows taken as the decimals that their floats are.

    Parameters
    ----------
    y : sequence of Decimal, length n
    x : (n, p) array of small whole numbers
    codes : (n,) int
    start : float
        Near θ̂.
    """

    def __init__(self, y, x, codes, start):
        with localcontext(prec=DIGITS):
            self.n, self.p, groups = len(y), x.shape[1], range(codes.max() + 1)
            self.sizes = [Decimal(int((codes == g).sum())) for g in groups]
            xty, zty = [Decimal(0)] * self.p, [Decimal(0) for _ in groups]
            for row, value, g in zip(x.astype(int).tolist(), y, codes.tolist(), strict=True):
                xty = [total + entry * value if entry else total for total, entry in zip(xty, row, strict=True)]
                zty[g] += value
            self.xtx = _decimal(x.T @ x)
            self.zx = [_decimal(x[codes == g].sum(axis=0)) for g in groups]
            self.xty, self.zty = np.array(xty), zty
            self.yty = sum(value * value for value in y)
            self.theta = self._optimum(Decimal(start))
            rss, _, _, phi, self.beta = self._at(self.theta)
            self.sigma2 = rss / (self.n - self.p)
            self.std_error = [(self.sigma2 * phi[i, i]).sqrt() for i in range(self.p)]
            self.df = self._satterthwaite()

    def _at(self, theta):
        """r'Ṽˉr, log|Ṽ| + log|X'ṼˉX|, d(profiled deviance)/dλ, Φ, β."""
        lam = theta * theta
        shrunk = [1 / (1 + lam * size) for size in self.sizes]
        a, b, yy = self.xtx.copy(), self.xty.copy(), self.yty
        for c, zx, zy in zip(shrunk, self.zx, self.zty, strict=True):
            a = a - lam * c * np.outer(zx, zx)
            b, yy = b - lam * c * zx * zy, yy - lam * c * zy * zy
        phi, det = _inverse(a)
        beta = phi @ b
        rss = yy - b @ beta
        left = [(zy - zx @ beta) * c for c, zx, zy in zip(shrunk, self.zx, self.zty, strict=True)]
        trace = sum(size * c for size, c in zip(self.sizes, shrunk, strict=True))
        trace -= sum(c * c * (zx @ phi @ zx) for c, zx in zip(shrunk, self.zx, strict=True))
        slope = trace - (self.n - self.p) * sum(r * r for r in left) / rss
        return rss, det.ln() - sum(c.ln() for c in shrunk), slope, phi, beta

    def _optimum(self, start):
        one, other = start, start * (1 + Decimal("1e-4"))
        f_one, f_other = self._at(one)[2], self._at(other)[2]
        while abs(one - other) > Decimal("1e-45"):
            one, other = other, other - f_other * (other - one) / (f_other - f_one)
            f_one, f_other = f_other, self._at(other)[2]
        return other

    def _satterthwaite(self):
        sigma = self.sigma2.sqrt()

        def deviance(theta, sigma):
            rss, log_det, *_ = self._at(theta)
            return log_det + (self.n - self.p) * 2 * sigma.ln() + rss / sigma**2

        def variances(theta, sigma):
            phi = self._at(theta)[3]
            return np.array([sigma**2 * phi[i, i] for i in range(self.p)])

        t, s, h = self.theta, sigma, STEP
        here = deviance(t, s)
        tt = (deviance(t + h, s) - 2 * here + deviance(t - h, s)) / h**2
        ss = (deviance(t, s + h) - 2 * here + deviance(t, s - h)) / h**2
        ts = sum(a * b * deviance(t + a * h, s + b * h) for a in (1, -1) for b in (1, -1)) / (4 * h**2)
        by_t = (variances(t + h, s) - variances(t - h, s)) / (2 * h)
        by_s = (variances(t, s + h) - variances(t, s - h)) / (2 * h)
        spread = 2 * (ss * by_t**2 - 2 * ts * by_t * by_s + tt * by_s**2) / (tt * ss - ts**2)
        return 2 * variances(t, s) ** 2 / spread


def _decimal(array):
    return np.vectorize(lambda value: Decimal(int(value)), otypes=[object])(array)


def _inverse(matrix):
    """Inverse and determinant by Gauss–Jordan elimination; positive definite."""
    p = len(matrix)
    work, det = np.concatenate([matrix, _decimal(np.eye(p))], axis=1), Decimal(1)
    for i in range(p):
        det *= work[i, i]
        work[i] = work[i] / work[i, i]
        for j in range(p):
            if j != i:
                work[j] = work[j] - work[j, i] * work[i]
    return work[:, p:], det
