"""How good the results are: a judge that the generator never saw, and retrieval precision on held-out prompts."""

from t2a.eval.judge import Judge, load_judge
from t2a.eval.prompts import Prompt, distractors, retrieval_prompts
from t2a.eval.retrieval import judge_accuracy, run_retrieval, score

__all__ = [
    "Judge",
    "Prompt",
    "distractors",
    "judge_accuracy",
    "load_judge",
    "retrieval_prompts",
    "run_retrieval",
    "score",
]
