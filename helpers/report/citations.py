"""Software and papers that a methods paragraph cites."""

import platform
from importlib import metadata

PAPERS = {
    "lme4": "Bates, Mächler, Bolker & Walker 2015, doi:10.18637/jss.v067.i01",
    "satterthwaite": "Kuznetsova, Brockhoff & Christensen 2017, doi:10.18637/jss.v082.i13",
    "kenward-roger": "Kenward & Roger 1997, doi:10.2307/2533558; Halekoh & Højsgaard 2014, doi:10.18637/jss.v059.i09",
    "welch": "Welch 1951, doi:10.1093/biomet/38.3-4.330; Johansen 1980, doi:10.1093/biomet/67.1.85",
    "hc3": "Long & Ervin 2000, doi:10.1080/00031305.2000.10474549",
    "marginal means": "Searle, Speed & Milliken 1980, doi:10.1080/00031305.1980.10483031",
    "holm": "Holm 1979, Scand. J. Stat. 6:65–70",
    "BH": "Benjamini & Hochberg 1995, doi:10.1111/j.2517-6161.1995.tb02031.x",
    "BY": "Benjamini & Yekutieli 2001, doi:10.1214/aos/1013699998",
    "bonferroni": "Dunn 1961, doi:10.1080/01621459.1961.10482090",
    "sidak": "Šidák 1967, doi:10.1080/01621459.1967.10482935",
    "tukey": "Tukey 1949, doi:10.2307/3001913; Kramer 1956, doi:10.2307/3001469",
    "dunnett": "Dunnett 1955, doi:10.1080/01621459.1955.10501294",
    "mvt": "Hothorn, Bretz & Westfall 2008, doi:10.1002/bimj.200810425",
    "scheffe": "Scheffé 1953, doi:10.1093/biomet/40.1-2.87",
    "equivalence": "Schuirmann 1987, doi:10.1007/BF01068419",
    "quasi-likelihood": "Lund, Nettleton, McCarthy & Smyth 2012, doi:10.1515/1544-6115.1826; Chen, Lun & Smyth 2016, "
    "doi:10.12688/f1000research.8987.2",
    "likelihood-ratio": "McCarthy, Chen & Smyth 2012, doi:10.1093/nar/gks042",
    "voom": "Law, Chen, Shi & Smyth 2014, doi:10.1186/gb-2014-15-2-r29",
    "mixed": "Hoffman & Roussos 2021, doi:10.1093/bioinformatics/btaa687; Smyth 2004, doi:10.2202/1544-6115.1027; "
    "Kuznetsova, Brockhoff & Christensen 2017, doi:10.18637/jss.v082.i13",
    "filter": "Chen, Lun & Smyth 2016, doi:10.12688/f1000research.8987.2",
    "lengths": "Soneson, Love & Robinson 2015, doi:10.12688/f1000research.7563.1",
    "treat": "McCarthy & Smyth 2009, doi:10.1093/bioinformatics/btp053",
    "deseq2": "Love, Huber & Anders 2014, doi:10.1186/s13059-014-0550-8",
    "tmm": "Robinson & Oshlack 2010, doi:10.1186/gb-2010-11-3-r25",
    "median-of-ratios": "Anders & Huber 2010, doi:10.1186/gb-2010-11-10-r106",
    "spearman": "Bonett & Wright 2000, doi:10.1007/BF02294183",
    "permutation": "Phipson & Smyth 2010, doi:10.2202/1544-6115.1585",
}


def software(*packages: str) -> str:
    """The language and these packages with their versions, as a methods paragraph names them.

    Parameters
    ----------
    *packages : str
        Names as they are installed.

    Returns
    -------
    str
    """
    named = [f"{name} {metadata.version(name)}" for name in packages]
    return f"Python {platform.python_version()} ({', '.join(named)})"


def adjustment(method: str) -> str:
    """How a method for several tests is named and cited."""
    names = {
        "holm": "Holm's method",
        "BH": "Benjamini and Hochberg's method",
        "BY": "Benjamini and Yekutieli's method",
        "bonferroni": "Bonferroni's method",
        "sidak": "Šidák's method",
        "tukey": "Tukey's method",
        "dunnett": "Dunnett's method",
        "scheffe": "Scheffé's method",
        "mvt": "the multivariate t distribution of the estimates",
    }
    return f"{names[method]} ({PAPERS[method]})"
