"""Satterthwaite's degrees of freedom of gene g020 with values missing (the rule of own.R), in 40-digit arithmetic.

Its θ is 0.0167, so near zero that lmerTest's numerical derivatives are off by 1.7e-5. Needs mpmath, numpy and pandas.
Run in this folder: python precise.py; it writes precise.json.
"""

import json

import mpmath as mp
import numpy as np
import pandas as pd

mp.mp.dps = 40
GENE, NUMBER = "g020", 20

design = pd.read_csv("lmm_design.csv")
for column, name in (("urea", "uz"), ("weight", "wz")):
    design[name] = (design[column] - design[column].mean()) / design[column].std()
sample = np.arange(1, 25)
design["y"] = pd.read_csv("lmm_genes.csv.gz", index_col=0).loc[GENE, design["sample"]].to_numpy()
design = design[(7 * NUMBER + 5 * sample + (NUMBER * sample) % 11) % 9 != 0]
n, p = len(design), 3
X = mp.matrix(np.column_stack([np.ones(n), design["uz"], design["wz"]]).tolist())
y = mp.matrix(design["y"].tolist())
animal = design["animal"].to_numpy()
ZZ = mp.matrix((animal[:, None] == animal[None, :]).astype(float).tolist())


def pieces(theta):
    """V, Φ and P at σ = 1."""
    V = mp.eye(n) + theta**2 * ZZ
    inverse = V**-1
    phi = (X.T * inverse * X) ** -1
    return V, phi, inverse - inverse * X * phi * X.T * inverse


def deviance(theta, sigma):
    """The REML criterion, but for constants."""
    V, phi, P = pieces(theta)
    return mp.log(mp.det(V)) - mp.log(mp.det(phi)) + (n - p) * mp.log(sigma**2) + (y.T * P * y)[0] / sigma**2


def slope(theta):
    """Of the profiled deviance in λ."""
    P = pieces(theta)[2]
    PV = P * ZZ
    return sum(PV[i, i] for i in range(n)) - (n - p) * (y.T * PV * P * y)[0] / (y.T * P * y)[0]


theta = mp.findroot(slope, mp.mpf("0.0167"))
sigma = mp.sqrt((y.T * pieces(theta)[2] * y)[0] / (n - p))
mixed = mp.diff(deviance, (theta, sigma), (1, 1))
hessian = mp.matrix(
    [
        [mp.diff(lambda t: deviance(t, sigma), theta, 2), mixed],
        [mixed, mp.diff(lambda s: deviance(theta, s), sigma, 2)],
    ]
)
covariance, df = 2 * hessian**-1, []
for i in range(p):
    variance = sigma**2 * pieces(theta)[1][i, i]
    in_theta = mp.diff(lambda t, i=i: sigma**2 * pieces(t)[1][i, i], theta)
    gradient = mp.matrix([in_theta, 2 * variance / sigma])
    df.append(2 * variance**2 / (gradient.T * covariance * gradient)[0])
found = {"gene": GENE, "theta": float(theta), "sigma": float(sigma), "df": [float(value) for value in df]}
with open("precise.json", "w", encoding="utf-8") as file:
    json.dump(found, file, indent=1)
    file.write("\n")
