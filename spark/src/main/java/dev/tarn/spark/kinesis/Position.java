package dev.tarn.spark.kinesis;
class Position {}
