#include "services/emr/configurations.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace tarn::emr {
namespace {

using Properties = std::map<std::string, std::string>;

struct Meaningless {
  std::string_view classification;
  std::string_view reason;
};

// What is known and has no meaning here.
constexpr std::array<Meaningless, 16> kWithoutMeaning = {{
    {"yarn-site", "there is no YARN here: the cluster is Spark's standalone one"},
    {"yarn-env", "there is no YARN here: the cluster is Spark's standalone one"},
    {"capacity-scheduler", "there is no YARN here: the cluster is Spark's standalone one"},
    {"mapred-site", "there is no MapReduce here"},
    {"mapred-env", "there is no MapReduce here"},
    {"hdfs-site", "there is no HDFS here: data is in S3"},
    {"hdfs-env", "there is no HDFS here: data is in S3"},
    {"hadoop-env", "no daemon of Hadoop runs here"},
    {"hive-site", "Hive's own server does not run here; spark-hive-site is Spark's"},
    {"hive-env", "Hive's own server does not run here"},
    {"presto-config", "Presto does not run here"},
    {"trino-config", "Trino does not run here"},
    {"hudi-defaults", "Hudi's jars are not here"},
    {"delta-defaults", "Delta's jars are not here"},
    {"jupyter-notebook-conf", "JupyterHub does not run here"},
    {"livy-env", "Livy's environment is that of the cluster's sessions"},
}};

// Variables that lead to the runtime and to the keys: without them nothing would start.
constexpr std::array<std::string_view, 8> kOwnVariables = {
    "PYSPARK_PYTHON", "PYSPARK_DRIVER_PYTHON", "JAVA_HOME", "SPARK_HOME", "PYTHONPATH",
    "HOME",           "TARN_CLUSTER",          "PATH"};

using List = std::vector<Configuration>;

const List& list_of(const std::optional<List>& list) {
  static const List kNone;
  return list ? *list : kNone;
}

// Fills an Applied, one classification after another.
class ConfigurationReader {
 public:
  explicit ConfigurationReader(Applied& out) : out_(out) {}

  void read(const List& list) {
    for (const Configuration& each : list) read_one(each);
  }

 private:
  void read_one(const Configuration& each) {
    const std::string name = each.classification.value_or("");
    const Properties properties = each.properties.value_or(Properties());
    if (name == "spark-defaults") {
      set(out_.spark_defaults, properties);
    } else if (name == "spark") {
      read_spark(properties);
    } else if (name == "spark-env") {
      read_exports(list_of(each.configurations));
    } else if (name == "spark-log4j2" || name == "spark-log4j") {
      set(out_.log4j2, properties);
    } else if (name == "iceberg-defaults") {
      read_iceberg(properties);
    } else if (name == "spark-hive-site") {
      // Also hive.metastore.client.factory.class, which makes Glue Hive's metastore
      // (tarn_session/sparkconf.py).
      set(out_.hadoop, properties);
    } else if (name == "core-site") {
      set(out_.hadoop, properties);
    } else if (name == "emrfs-site") {
      read_emrfs(properties);
    } else if (name == "livy-conf") {
      read_livy(properties);
    } else {
      keep(name, reason_of(name));
    }
  }

  static void set(Properties& target, const Properties& properties) {
    for (const auto& [name, value] : properties) target[name] = value;
  }
  void keep(std::string_view name, std::string_view reason) {
    out_.kept.push_back(fmt::format("{}: {}", name, reason));
  }
  static std::string_view reason_of(std::string_view name) {
    const auto* const found =
        std::find_if(kWithoutMeaning.begin(), kWithoutMeaning.end(),
                     [&](const Meaningless& why) { return why.classification == name; });
    return found == kWithoutMeaning.end() ? "it has no meaning here" : found->reason;
  }

  // An executor as large as its worker
  // (https://docs.aws.amazon.com/emr/latest/ReleaseGuide/emr-spark-configure.html): the largest
  // size is more than is granted, and is brought down to that.
  void read_spark(const Properties& properties) {
    for (const auto& [name, value] : properties) {
      if (name != "maximizeResourceAllocation") {
        keep("spark/" + name, "it has no meaning here");
      } else if (value == "true") {
        out_.spark_defaults.emplace("spark.executor.memory", "1024t");
        out_.spark_defaults.emplace("spark.executor.cores", "100000");
      }
    }
  }
  void read_exports(const List& nested) {
    for (const Configuration& each : nested) {
      if (each.classification != "export") continue;
      for (const auto& [name, value] : each.properties.value_or(Properties())) {
        const bool own =
            std::find(kOwnVariables.begin(), kOwnVariables.end(), name) != kOwnVariables.end() ||
            name.starts_with("AWS_");
        if (own) {
          keep("spark-env/" + name, "it leads to what is installed here");
        } else {
          out_.environment[name] = value;
        }
      }
    }
  }
  void read_iceberg(const Properties& properties) {
    for (const auto& [name, value] : properties) {
      if (name == "iceberg.enabled") {
        if (value != "true") keep("iceberg-defaults", "Iceberg's jars are always there");
      } else {
        keep("iceberg-defaults/" + name, "it has no meaning here");
      }
    }
  }
  // https://github.com/apache/incubator-livy/blob/master/conf/livy.conf.template
  void read_livy(const Properties& properties) {
    for (const auto& [name, value] : properties) {
      if (name == kLivyTimeout || name == kLivyTimeoutCheck) {
        out_.livy[name] = value;
      } else {
        keep("livy-conf/" + name, "Livy's server is tarn's own");
      }
    }
  }
  // https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-emrfs-encryption-sse.html,
  // https://hadoop.apache.org/docs/r3.4.1/hadoop-aws/tools/hadoop-aws/encryption.html
  void read_emrfs(const Properties& properties) {
    for (const auto& [name, value] : properties) {
      if (name == "fs.s3.enableServerSideEncryption") {
        if (value == "true") out_.hadoop.emplace("fs.s3a.encryption.algorithm", "AES256");
      } else if (name == "fs.s3.serverSideEncryption.kms.keyId") {
        out_.hadoop["fs.s3a.encryption.algorithm"] = "SSE-KMS";
        out_.hadoop["fs.s3a.encryption.key"] = value;
      } else {
        keep("emrfs-site/" + name, "S3 is read and written by S3A here");
      }
    }
  }

  Applied& out_;
};

// Calls `take` with the role and the configurations of each group or fleet.
template <class Take>
void for_each_group(const JobFlowInstancesConfig& instances, const Take& take) {
  if (instances.instance_groups) {
    for (const InstanceGroupConfig& group : *instances.instance_groups)
      take(group.instance_role, list_of(group.configurations));
  }
  if (!instances.instance_fleets) return;
  for (const InstanceFleetConfig& fleet : *instances.instance_fleets) {
    if (!fleet.instance_type_configs) continue;
    for (const InstanceTypeConfig& type : *fleet.instance_type_configs)
      take(fleet.instance_fleet_type, list_of(type.configurations));
  }
}

// https://docs.aws.amazon.com/emr/latest/APIReference/API_Configuration.html; spark-env nests one.
constexpr int kMostDepth = 4;

Status check_list(const List& list, int depth) {
  if (depth > kMostDepth) {
    return Error("ValidationException",
                 fmt::format("Configurations are nested deeper than {}.", kMostDepth));
  }
  std::set<std::string> names;
  for (const Configuration& each : list) {
    const std::string name = each.classification.value_or("");
    if (name.empty()) return Error("ValidationException", "A configuration has no Classification.");
    if (!names.insert(name).second) {
      return Error("ValidationException",
                   fmt::format("The classification {} is given twice in one list; join its "
                               "properties.",
                               name));
    }
    TARN_CHECK(check_list(list_of(each.configurations), depth + 1));
  }
  return {};
}

}  // namespace

Applied apply_configurations(const RunJobFlowInput& request) {
  Applied out;
  ConfigurationReader reader(out);
  reader.read(list_of(request.configurations));
  for_each_group(request.instances, [&](const std::string& role, const List& list) {
    if (role == values::instance_role_type::kMaster) {
      reader.read(list);
      return;
    }
    for (const Configuration& each : list) {
      out.kept.push_back(fmt::format("{} of {}: all instances share one configuration here",
                                     each.classification.value_or(""), role));
    }
  });
  return out;
}

Status check_configurations(const RunJobFlowInput& request) {
  TARN_CHECK(check_list(list_of(request.configurations), 1));
  Status out;
  for_each_group(request.instances, [&](const std::string& /*role*/, const List& list) {
    if (out.ok()) out = check_list(list, 1);
  });
  return out;
}

// Spark's own: org/apache/spark/log4j2-defaults.properties of spark-core 4.0.
std::string log4j2_text(const Properties& properties) {
  Properties all = {{"rootLogger.level", "info"},
                    {"rootLogger.appenderRef.stdout.ref", "console"},
                    {"appender.console.type", "Console"},
                    {"appender.console.name", "console"},
                    {"appender.console.target", "SYSTEM_ERR"},
                    {"appender.console.layout.type", "PatternLayout"},
                    {"appender.console.layout.pattern", "%d{yy/MM/dd HH:mm:ss} %p %c{1}: %m%n%ex"},
                    {"logger.jetty.name", "org.sparkproject.jetty"},
                    {"logger.jetty.level", "warn"}};
  for (const auto& [name, value] : properties) all[name] = value;
  std::string out;
  for (const auto& [name, value] : all) {
    std::string line = value;
    std::replace(line.begin(), line.end(), '\n', ' ');
    out += fmt::format("{} = {}\n", name, line);
  }
  return out;
}

}  // namespace tarn::emr
