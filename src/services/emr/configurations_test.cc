// What the classifications of a request come to.
#include "services/emr/configurations.h"

#include <gtest/gtest.h>

namespace tarn::emr {
namespace {

Configuration classified(const std::string& name, std::map<std::string, std::string> properties) {
  Configuration out;
  out.classification = name;
  out.properties = std::move(properties);
  return out;
}

RunJobFlowInput with(std::vector<Configuration> list) {
  RunJobFlowInput out;
  out.configurations = std::move(list);
  return out;
}

TEST(Configurations, SparkAndHadoopAreApplied) {
  Configuration environment = classified("spark-env", {});
  environment.configurations = {classified("export", {{"STAGE", "test"}, {"JAVA_HOME", "/x"}})};
  const Applied applied = apply_configurations(
      with({classified("spark-defaults", {{"spark.x", "1"}}), environment,
            classified("core-site", {{"fs.s3a.connection.maximum", "9"}}),
            classified("spark-hive-site", {{"hive.exec.dynamic.partition", "true"}}),
            classified("spark-log4j2", {{"rootLogger.level", "error"}}),
            classified("iceberg-defaults", {{"iceberg.enabled", "true"}})}));
  EXPECT_EQ(applied.spark_defaults.at("spark.x"), "1");
  EXPECT_EQ(applied.environment, (std::map<std::string, std::string>{{"STAGE", "test"}}));
  EXPECT_EQ(applied.hadoop.at("fs.s3a.connection.maximum"), "9");
  EXPECT_EQ(applied.hadoop.at("hive.exec.dynamic.partition"), "true");
  EXPECT_EQ(applied.kept,
            std::vector<std::string>{"spark-env/JAVA_HOME: it leads to what is installed here"});
  EXPECT_NE(log4j2_text(applied.log4j2).find("rootLogger.level = error\n"), std::string::npos);
}

TEST(Configurations, WhatHasNoMeaningIsKeptWithItsReason) {
  const Applied applied =
      apply_configurations(with({classified("yarn-site", {{"a", "b"}}), classified("odd", {})}));
  EXPECT_EQ(applied.kept, (std::vector<std::string>{
                              "yarn-site: there is no YARN here: the cluster is Spark's standalone "
                              "one",
                              "odd: it has no meaning here"}));
}

TEST(Configurations, OfLivyHowLongSessionsLiveIsApplied) {
  const Applied applied = apply_configurations(with({classified(
      "livy-conf", {{std::string(kLivyTimeout), "2h"}, {"livy.impersonation.enabled", "true"}})}));
  EXPECT_EQ(applied.livy.at(std::string(kLivyTimeout)), "2h");
  EXPECT_EQ(applied.kept, std::vector<std::string>{
                              "livy-conf/livy.impersonation.enabled: Livy's server is tarn's own"});
}

TEST(Configurations, ThePrimaryGroupsAreOverTheClusters) {
  RunJobFlowInput request = with({classified("spark-defaults", {{"spark.x", "1"}})});
  auto& groups = request.instances.instance_groups.emplace(2);
  groups[0].instance_role = "MASTER";
  groups[0].configurations = {classified("spark-defaults", {{"spark.x", "2"}})};
  groups[1].instance_role = "CORE";
  groups[1].configurations = {classified("spark-defaults", {{"spark.x", "3"}})};
  const Applied applied = apply_configurations(request);
  EXPECT_EQ(applied.spark_defaults.at("spark.x"), "2");
  EXPECT_EQ(applied.kept,
            std::vector<std::string>{
                "spark-defaults of CORE: all instances share one configuration here"});
}

TEST(Configurations, EncryptionOfEmrfsBecomesThatOfS3A) {
  const Applied applied = apply_configurations(
      with({classified("emrfs-site", {{"fs.s3.enableServerSideEncryption", "true"},
                                      {"fs.s3.serverSideEncryption.kms.keyId", "alias/data"}})}));
  EXPECT_EQ(applied.hadoop.at("fs.s3a.encryption.algorithm"), "SSE-KMS");
  EXPECT_EQ(applied.hadoop.at("fs.s3a.encryption.key"), "alias/data");
}

TEST(Configurations, AListNamesEachClassificationOnce) {
  EXPECT_TRUE(check_configurations(with({classified("spark", {})})).ok());
  const Status twice =
      check_configurations(with({classified("spark", {}), classified("spark", {})}));
  EXPECT_EQ(twice.error().code, "ValidationException");
  EXPECT_EQ(check_configurations(with({Configuration()})).error().message,
            "A configuration has no Classification.");
}

}  // namespace
}  // namespace tarn::emr
