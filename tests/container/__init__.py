"""The images under Lambda's own runtime interface, `sam local`, and the whole template on LocalStack.

`make test-container` builds everything first. Needs Docker or Podman; what needs LocalStack also LOCALSTACK_PYTHON.
"""
