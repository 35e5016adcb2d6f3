"""What each table of the course must hold: `helpers.data` reads none that breaks its schema."""

import pandas as pd
import pandera.pandas as pa

ANIMALS = ("CR4.2", "CR4.3", "CR4.4", "CR4.1", "HP12", "HP14", "C22", "C20", "HP11", "C24")
N_GENES = 2_000
SCORE = pa.Check.isin([1, 2, 3, 4])

MOUSE_SCORES = pa.DataFrameSchema(
    {
        "animal": pa.Column(str, pa.Check.isin(ANIMALS), unique=True),
        "group": pa.Column(pd.CategoricalDtype(["C", "HP", "CR"]), coerce=True),
        "urea": pa.Column(float, pa.Check.gt(0)),
        "weight": pa.Column(float, pa.Check.in_range(10, 50)),
        "urea_score": pa.Column(int, SCORE),
        "weight_score": pa.Column(int, SCORE),
        "total_score": pa.Column(int),
        "gene_x": pa.Column(
            float,
            [
                pa.Check(lambda x: abs(x.mean()) < 1e-9, error="mean 0"),
                pa.Check(lambda x: abs(x.std() - 1) < 1e-9, error="standard deviation 1"),
            ],
        ),
    },
    checks=[
        pa.Check(lambda mice: len(mice) == len(ANIMALS), error="one row per animal"),
        pa.Check(
            lambda mice: mice["total_score"] == mice["urea_score"] + mice["weight_score"],
            error="total_score = urea_score + weight_score",
        ),
    ],
    strict=True,
    ordered=True,
)

ALL_GENES = pa.Check(lambda genes: len(genes) == N_GENES, error=f"{N_GENES} genes")

MOUSE_COUNTS = pa.DataFrameSchema(
    {"gene": pa.Column(str, unique=True)} | {animal: pa.Column(int, pa.Check.ge(0)) for animal in ANIMALS},
    checks=ALL_GENES,
    strict=True,
    ordered=True,
)

DRIVER_OF = {"beta_urea": "urea", "beta_weight": "weight", "group_hp": "group", "group_cr": "group"}

MOUSE_COUNTS_TRUTH = pa.DataFrameSchema(
    {
        "gene": pa.Column(str, unique=True),
        "driver": pa.Column(str, pa.Check.isin(["urea", "weight", "group", "none"])),
        **{effect: pa.Column(float, coerce=True) for effect in DRIVER_OF},
        "base_mean": pa.Column(float, pa.Check.gt(0)),
        "dispersion": pa.Column(float, pa.Check.gt(0)),
    },
    checks=[
        ALL_GENES,
        *(
            pa.Check(
                lambda truth, effect=effect, driver=driver: (truth[effect] != 0) == (truth["driver"] == driver),
                error=f"{effect} is not 0 where the driver is {driver}, and only there",
            )
            for effect, driver in DRIVER_OF.items()
        ),
    ],
    strict=True,
    ordered=True,
)

ROWS_PER_REPLICATE = {"rep1": 1_034, "rep2": 5_112, "rep3": 7_405, "rep4": 9_018}

MODIFICATION_LENGTHS = pa.DataFrameSchema(
    {
        "replicate": pa.Column(pd.CategoricalDtype(list(ROWS_PER_REPLICATE)), coerce=True),
        "condition": pa.Column(pd.CategoricalDtype(["NO DRUG", "DRUG"]), coerce=True),
        "gene_name": pa.Column(pd.CategoricalDtype(["C", "A", "B"]), coerce=True),
        "length": pa.Column(float, pa.Check.gt(0)),
    },
    checks=pa.Check(
        lambda lengths: lengths["replicate"].value_counts().to_dict() == ROWS_PER_REPLICATE,
        error=", ".join(f"{rows} rows of {name}" for name, rows in ROWS_PER_REPLICATE.items()),
    ),
    strict=True,
    ordered=True,
)

MODIFICATION_LENGTHS_TRUTH = pa.DataFrameSchema(
    {
        "quantity": pa.Column(str, pa.Check.isin(["level", "drug effect", "shift", "SD"])),
        "of": pa.Column(str),
        "planted": pa.Column(float),
    },
    unique=["quantity", "of"],
    strict=True,
    ordered=True,
)

SLEEPERS = 18
DAYS = tuple(range(10))

SLEEPSTUDY = pa.DataFrameSchema(
    {
        "Subject": pa.Column(str),
        "Days": pa.Column(int, pa.Check.isin(DAYS)),
        "Reaction": pa.Column(float, pa.Check.gt(0)),
    },
    checks=[
        pa.Check(lambda sleep: sleep["Subject"].nunique() == SLEEPERS, error=f"{SLEEPERS} subjects"),
        pa.Check(lambda sleep: len(sleep) == SLEEPERS * len(DAYS), error="ten days of each subject"),
    ],
    unique=["Subject", "Days"],
    strict=True,
    ordered=True,
)

OCCASIONS = 4
REPEATED_ANIMALS = tuple(f"m{i:02d}" for i in range(1, 11))
REPEATED_NAMES = tuple(f"{animal}_{week}" for animal in REPEATED_ANIMALS for week in range(1, OCCASIONS + 1))

REPEATED_SAMPLES = pa.DataFrameSchema(
    {
        "sample": pa.Column(str, unique=True),
        "animal": pa.Column(str, pa.Check.isin(REPEATED_ANIMALS)),
        "week": pa.Column(int, pa.Check.in_range(1, OCCASIONS)),
        "urea": pa.Column(float, pa.Check.gt(0)),
        "weight": pa.Column(float, pa.Check.in_range(10, 50)),
    },
    checks=pa.Check(
        lambda samples: list(samples["sample"]) == list(REPEATED_NAMES), error="every animal in every week"
    ),
    strict=True,
    ordered=True,
)

REPEATED_EXPRESSION = pa.DataFrameSchema(
    {"gene": pa.Column(str, unique=True)} | {sample: pa.Column(float) for sample in REPEATED_NAMES},
    checks=ALL_GENES,
    strict=True,
    ordered=True,
)

REPEATED_EXPRESSION_TRUTH = pa.DataFrameSchema(
    {
        "gene": pa.Column(str, unique=True),
        "kind": pa.Column(str, pa.Check.isin(["none", "urea", "level", "change", "opposed"])),
        **{number: pa.Column(float, coerce=True) for number in ("beta_level", "beta_change", "base")},
        "tau": pa.Column(float, pa.Check.ge(0), coerce=True),
        "sigma": pa.Column(float, pa.Check.gt(0)),
    },
    checks=[
        ALL_GENES,
        pa.Check(
            lambda truth: (truth["beta_level"] != 0) == truth["kind"].isin(["urea", "level", "opposed"]),
            error="beta_level is not 0 where the kind is urea, level or opposed, and only there",
        ),
        pa.Check(
            lambda truth: (truth["beta_change"] != 0) == truth["kind"].isin(["urea", "change", "opposed"]),
            error="beta_change is not 0 where the kind is urea, change or opposed, and only there",
        ),
    ],
    strict=True,
    ordered=True,
)

GENE_ID = pa.Check.str_matches(r"^ENSG\d{11}$", error="an Ensembl gene id")
WITH_READS = pa.Check(
    lambda genes: bool(genes.drop(columns="gene").any(axis=1).all()), error="every gene has a read in some sample"
)

AIRWAY_DONORS = ("N61311", "N052611", "N080611", "N061011")
AIRWAY_NAMES = tuple(f"SRR10395{run:02d}" for run in (8, 9, 12, 13, 16, 17, 20, 21))

TOOTH_GROWTH = pa.DataFrameSchema(
    {
        "animal": pa.Column(str, unique=True),
        "delivery": pa.Column(pd.CategoricalDtype(["ascorbic acid", "orange juice"]), coerce=True),
        "dose": pa.Column(pd.CategoricalDtype(["0.5 mg", "1 mg", "2 mg"]), coerce=True),
        "length": pa.Column(float, pa.Check.gt(0)),
    },
    checks=pa.Check(
        lambda pigs: (pd.crosstab(pigs["delivery"], pigs["dose"]).to_numpy() == 10).all() and len(pigs) == 60,
        error="ten animals for each delivery and dose",
    ),
    strict=True,
    ordered=True,
)

AIRWAY_SAMPLES = pa.DataFrameSchema(
    {
        "sample": pa.Column(str, unique=True),
        "donor": pa.Column(str, pa.Check.isin(AIRWAY_DONORS)),
        "dexamethasone": pa.Column(pd.CategoricalDtype(["untreated", "treated"]), coerce=True),
    },
    checks=[
        pa.Check(lambda samples: list(samples["sample"]) == list(AIRWAY_NAMES), error="the eight runs in order"),
        pa.Check(
            lambda samples: not samples.duplicated(["donor", "dexamethasone"]).any(),
            error="every donor once without and once with dexamethasone",
        ),
    ],
    strict=True,
    ordered=True,
)

OATS_BLOCKS, OATS_VARIETIES = ("I", "II", "III", "IV", "V", "VI"), ("Golden Rain", "Marvellous", "Victory")
OATS_NITROGEN = (0.0, 0.2, 0.4, 0.6)

OATS = pa.DataFrameSchema(
    {
        "block": pa.Column(str, pa.Check.isin(OATS_BLOCKS)),
        "variety": pa.Column(str, pa.Check.isin(OATS_VARIETIES)),
        "nitrogen": pa.Column(float, pa.Check.isin(OATS_NITROGEN)),
        "harvest": pa.Column(int, pa.Check.gt(0)),
    },
    checks=[
        pa.Check(lambda oats: len(oats) == 72, error="72 subplots"),
        pa.Check(
            lambda oats: not oats.duplicated(["block", "variety", "nitrogen"]).any(),
            error="every dose once in every plot",
        ),
    ],
    strict=True,
    ordered=True,
)

SHOCK_PATIENTS = ("E25", "E31", "G03", "G10", "G14", "G16", "G24", "G32", "G46", "G48", "G51")
SHOCK_NAMES = tuple(f"{patient.replace('51', '50')}T{time}" for patient in SHOCK_PATIENTS for time in (1, 2, 3))

SHOCK_SAMPLES = pa.DataFrameSchema(
    {
        "sample": pa.Column(str, unique=True),
        "patient": pa.Column(str, pa.Check.isin(SHOCK_PATIENTS)),
        "time": pa.Column(pd.CategoricalDtype(["T1", "T2", "T3"]), coerce=True),
    },
    checks=[
        pa.Check(lambda samples: list(samples["sample"]) == list(SHOCK_NAMES), error="the 33 samples in order"),
        pa.Check(
            lambda samples: not samples.duplicated(["patient", "time"]).any(), error="every patient once at every time"
        ),
    ],
    strict=True,
    ordered=True,
)


def _study(samples, n_genes):
    """Counts of a public study: genes by their Ensembl id, none of them without a read."""
    return pa.DataFrameSchema(
        {"gene": pa.Column(str, GENE_ID, unique=True)} | {sample: pa.Column(int, pa.Check.ge(0)) for sample in samples},
        checks=[pa.Check(lambda genes: len(genes) == n_genes, error=f"{n_genes} genes"), WITH_READS],
        strict=True,
        ordered=True,
    )


AIRWAY_COUNTS = _study(AIRWAY_NAMES, 33_469)
SHOCK_COUNTS = _study(SHOCK_NAMES, 13_123)

GENE_SYMBOLS = pa.DataFrameSchema(
    {"gene": pa.Column(str, GENE_ID, unique=True), "symbol": pa.Column(str, unique=True)}, strict=True, ordered=True
)

TYPE_1_TESTS = ("z", "satterthwaite", "kenward_roger", "rows", "slope_left_out", "t_of_means")

TYPE_1_ERRORS = pa.DataFrameSchema(
    {
        "study": pa.Column(pd.CategoricalDtype(["within", "varying", "between"]), coerce=True),
        "groups": pa.Column(int, pa.Check.isin([3, 4, 6, 8, 12])),
        "data_sets": pa.Column(int, pa.Check.gt(0)),
        "test": pa.Column(pd.CategoricalDtype(TYPE_1_TESTS), coerce=True),
        "rejected": pa.Column(int, pa.Check.ge(0)),
        "singular": pa.Column(int, pa.Check.ge(0)),
    },
    checks=[
        pa.Check(
            lambda errors: errors[["rejected", "singular"]].max(axis=1) <= errors["data_sets"],
            error="no more data sets than there are",
        ),
        pa.Check(
            lambda errors: not errors.duplicated(["study", "groups", "test"]).any(), error="each test once in a study"
        ),
    ],
    strict=True,
    ordered=True,
)
