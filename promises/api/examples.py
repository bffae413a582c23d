"""What the page to try the interface starts from."""

EXAMPLES = {
    "tell_events": """{
  "events": [
    {
      "branch": "BRANCH",
      "case": "A-1001",
      "milestone": "arrived",
      "at": "2026-01-02T10:00:00+02:00",
      "touchpoint": "branch"
    },
    {
      "branch": "BRANCH",
      "case": "A-1001",
      "milestone": "served",
      "at": "2026-01-02T10:09:30+02:00"
    }
  ]
}""",
    "tell_feedback": """{
  "feedback": [
    {
      "key": "F-1",
      "text": "Nobody told me how long the queue was.",
      "given_at": "2026-01-02T10:30:00+02:00",
      "score": 6
    }
  ]
}""",
}
