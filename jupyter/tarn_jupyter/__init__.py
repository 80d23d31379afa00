"""JupyterLab with the Spark kernels of sparkmagic, led to a tarn server. See ../README.md."""
