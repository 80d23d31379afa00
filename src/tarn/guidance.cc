#include "tarn/guidance.h"

#include <cstdio>

#include <fmt/format.h>

namespace tarn::app {

namespace {

using Json = nlohmann::json;

constexpr std::string_view kEc2Version = "2016-11-15";
// Of a key pair that was made here, and goes with the rest.
constexpr std::string_view kMadeBy = "tarn deploy guidance";

std::string value_of(const StackOperator::Values& values, const std::string& name) {
  const auto found = values.find(name);
  return found == values.end() ? std::string() : found->second;
}

}  // namespace

void Guidance::step(std::string_view what) {
  fmt::print("[{}/{}] {}\n", ++step_, steps_, what);
  std::fflush(stdout);
}

StackOrder Guidance::order(std::string_view stack, std::string_view template_name) const {
  return {std::string(stack), fmt::format("{}/{}.yaml", options_.templates, template_name), {}};
}

Status Guidance::make_key_pair() {
  const auto there =
      calls_.query("ec2", kEc2Version, "DescribeKeyPairs", {{"KeyName.1", options_.key_name}});
  if (there.ok()) {
    fmt::print("      is there already\n");
    return {};
  }
  if (!there.error().is("InvalidKeyPair.NotFound")) return there.error();
  // Before there is a key that nobody could use.
  if (files_.exists(options_.key_file)) {
    return Error(code::kExists,
                 fmt::format("there is no key pair {}, but its file {} is there: remove or rename "
                             "it, or name another by --key-file",
                             options_.key_name, options_.key_file));
  }
  TARN_TRY(const Json made,
           calls_.query("ec2", kEc2Version, "CreateKeyPair",
                        {{"KeyName", options_.key_name},
                         {"TagSpecification.1.ResourceType", "key-pair"},
                         {"TagSpecification.1.Tag.1.Key", "made-by"},
                         {"TagSpecification.1.Tag.1.Value", std::string(kMadeBy)}}));
  const std::size_t slash = options_.key_file.rfind('/');
  if (slash != std::string::npos && slash > 0)
    TARN_CHECK(files_.make_directories(options_.key_file.substr(0, slash)));
  TARN_CHECK(files_.write_atomically(options_.key_file, text_in(made, "keyMaterial") + "\n", 0600));
  fmt::print("      made; its private key is in {}\n", options_.key_file);
  return {};
}

Status Guidance::deploy() {
  steps_ = 5;
  step("key pair " + options_.key_name);
  TARN_CHECK(make_key_pair());

  step(fmt::format("stack {}: EMR Studio, its network and roles", kStudioStack));
  StackOrder studio = order(kStudioStack, "emr-studio-setup");
  studio.parameters["TemplatesUrl"] = options_.templates;
  studio.parameters["IAMUserArn"] = options_.user_arn.empty()
                                        ? fmt::format("arn:aws:iam::{}:root", facts_.account_id)
                                        : options_.user_arn;
  TARN_CHECK(stacks_.make(studio));

  step(fmt::format("stack {}: clusters as a Service Catalog product", kProductStack));
  StackOrder product = order(kProductStack, "emr-studio-service-catalog-setup");
  product.parameters["TemplatesUrl"] = options_.templates;
  product.parameters["DefaultSSHKey"] = options_.key_name;
  TARN_CHECK(stacks_.make(product));

  step(fmt::format("stack {}: the Kinesis data stream", kStreamStack));
  TARN_CHECK(stacks_.make(order(kStreamStack, "emr-kinesis-data-stream")));

  step(fmt::format("stack {}: the data generator", kGeneratorStack));
  StackOrder generator = order(kGeneratorStack, "kinesis-data-generator");
  generator.parameters["GeneratorEndpoint"] = facts_.endpoint;
  TARN_CHECK(stacks_.make(generator));

  TARN_TRY(const auto of_studio, stacks_.outputs(std::string(kStudioStack)));
  TARN_TRY(const auto of_product, stacks_.outputs(std::string(kProductStack)));
  TARN_TRY(const auto of_generator, stacks_.outputs(std::string(kGeneratorStack)));
  tell_outcome(of_studio, of_product, of_generator);
  return {};
}

void Guidance::tell_outcome(const StackOperator::Values& studio,
                            const StackOperator::Values& product,
                            const StackOperator::Values& generator) const {
  const std::string stream = value_of(generator, "StreamName");
  const std::string role = value_of(studio, "EMRStudioAdminRoleArn");
  const std::string name = value_of(product, "ProductName");
  fmt::print(
      "\nThe platform is deployed.\n"
      "  studio     {}\n"
      "  role       {}\n"
      "  bucket     s3://{}\n"
      "  product    {}\n"
      "  stream     {}\n"
      "  generator  {}\n",
      value_of(studio, "StudioUrl"), role, value_of(studio, "StudioBucket"), name, stream,
      value_of(generator, "KinesisDataGeneratorUrl"));
  // Root may assume no role, as on AWS: what is told works there too, pasted into a shell.
  fmt::print(
      "\nNext: launch a cluster of your answers, as a user who may assume the role.\n"
      "  eval \"$(tarn env)\"\n"
      "  aws iam create-user --user-name analyst\n"
      "  aws iam put-user-policy --user-name analyst --policy-name studio --policy-document \\\n"
      "    '{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Allow\",\"Action\":"
      "\"sts:AssumeRole\",\"Resource\":\"{0}\"}}]}}'\n"
      "  read -r AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY < <(aws iam create-access-key \\\n"
      "    --user-name analyst --output text --query 'AccessKey.[AccessKeyId,SecretAccessKey]')\n"
      "  read -r AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN < <(aws sts assume-role "
      "\\\n"
      "    --role-session-name analyst --role-arn {0} \\\n"
      "    --output text --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]')\n"
      "  export AWS_SESSION_TOKEN\n"
      "  aws servicecatalog provision-product --product-name {1} \\\n"
      "    --provisioning-artifact-name v1 --provisioned-product-name my-cluster \\\n"
      "    --provisioning-parameters Key=UserConcurrency,Value=1 Key=MemoryProfile,Value=small \\\n"
      "      Key=Optimization,Value=cost\n"
      "Then, as the operator: `tarn aws emr list-clusters --active`, `tarn notebook --cluster "
      "ID`.\n"
      "Events: `tarn generate --stream {2} …`, or a run of the generator's.\n"
      "All of it goes by `tarn destroy guidance`.\n",
      role, name, stream);
}

Status Guidance::remove_key_pair() {
  const auto there =
      calls_.query("ec2", kEc2Version, "DescribeKeyPairs", {{"KeyName.1", options_.key_name}});
  if (!there.ok() && there.error().is("InvalidKeyPair.NotFound")) {
    fmt::print("      is not there\n");
    return {};
  }
  if (!there.ok()) return there.error();
  bool is_ours = false;
  for (const Json& key : list_in(*there, "keySet")) {
    for (const Json& tag : list_in(key, "tagSet"))
      is_ours |= text_in(tag, "key") == "made-by" && text_in(tag, "value") == kMadeBy;
  }
  if (!is_ours) {
    fmt::print("      was not made by `tarn deploy guidance`, and stays\n");
    return {};
  }
  TARN_TRY(const Json gone,
           calls_.query("ec2", kEc2Version, "DeleteKeyPair", {{"KeyName", options_.key_name}}));
  if (files_.exists(options_.key_file)) TARN_CHECK(files_.remove(options_.key_file));
  fmt::print("      deleted\n");
  return {};
}

Status Guidance::destroy(const Ask& ask) {
  steps_ = 7;
  // Before anything goes.
  TARN_CHECK(ask_for_objects(ask));
  step("clusters that were launched, and products that were added");
  TARN_CHECK(end_products());
  step("objects of the Studio's bucket");
  TARN_CHECK(empty_bucket(ask));
  for (const std::string_view stack :
       {kGeneratorStack, kProductStack, kStreamStack, kStudioStack}) {
    step(fmt::format("stack {}", stack));
    TARN_CHECK(stacks_.remove(std::string(stack)));
  }
  step("key pair " + options_.key_name);
  TARN_CHECK(remove_key_pair());
  fmt::print(
      "\nNothing of the platform is left. Tables of the Glue Data Catalog are the notebooks' own: "
      "their last cells drop them.\n");
  return {};
}

}  // namespace tarn::app
