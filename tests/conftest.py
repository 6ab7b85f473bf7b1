"""Options of the whole suite."""


def pytest_addoption(parser):
    parser.addoption(
        "--golden-update", action="store_true", default=False, help="rewrite the golden files; then read the diff"
    )
