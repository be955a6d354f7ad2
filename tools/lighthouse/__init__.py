"""What Lighthouse says of five pages: python -m tools.lighthouse SITE, a report in .build/lighthouse.

Its scores depend on the machine and its load, so they are no test; what they stand on, bytes
and requests, is (tests/site/test_weight.py). Lighthouse and what it needs come from npm, as
package-lock.json pins them.
"""
