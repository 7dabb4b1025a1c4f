"""The whole application on one machine: the resources of template.yaml in moto, its functions in this process."""
