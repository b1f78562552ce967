"""The coded checks of an item bank: what is faulty in it, and what it covers."""

from question_bank.checks.coverage import CoverageTable, coverage_of, render_coverage
from question_bank.checks.report import Report, render_faults, render_report
from question_bank.checks.run import check_bank

__all__ = ["CoverageTable", "Report", "check_bank", "coverage_of", "render_coverage", "render_faults", "render_report"]
