"""The processes of an EMR cluster: Spark's master and worker, steps and bootstrap actions.

The server starts each with the cluster's environment; TARN_CLUSTER names the file that tells what the cluster is
(src/services/emr/launch.cc writes it).
"""
