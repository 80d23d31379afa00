// RunJobFlow.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/ids.h"
#include "services/emr/actions.h"
#include "services/emr/configurations.h"
#include "services/emr/members.h"
#include "services/emr/releases.h"
#include "services/emr/request.h"
#include "services/emr/scaling.h"

namespace tarn::emr {
namespace {

// https://docs.aws.amazon.com/emr/latest/APIReference/API_RunJobFlow.html
constexpr std::size_t kMostBootstrapActions = 16;
constexpr const char* kNoRole =
    "there is none of this name here. `aws emr create-default-roles` makes the usual ones; without "
    "a role the cluster has keys of the caller.";

Error unacceptable(std::string text) {
  return {"ValidationException", std::move(text)};
}

// What has a meaning on AWS that a cluster here would not keep. Error: NotImplemented.
Status refuse_what_is_not_here(const RunJobFlowInput& input) {
  TARN_CHECK(refuse(input.kerberos_attributes.has_value(), "KerberosAttributes"));
  TARN_CHECK(refuse(input.custom_ami_id.has_value(), "CustomAmiId"));
  TARN_CHECK(refuse(input.log_encryption_kms_key_id.has_value(), "LogEncryptionKmsKeyId"));
  TARN_CHECK(refuse(input.step_execution_role_arn.has_value(), "StepExecutionRoleArn"));
  TARN_CHECK(refuse(input.monitoring_configuration.has_value(), "MonitoringConfiguration"));
  TARN_CHECK(refuse(input.session_enabled.value_or(false), "SessionEnabled"));
  TARN_CHECK(
      refuse(input.supported_products && !input.supported_products->empty(), "SupportedProducts"));
  TARN_CHECK(refuse(input.new_supported_products && !input.new_supported_products->empty(),
                    "NewSupportedProducts"));
  for (const InstanceGroupConfig& group :
       input.instances.instance_groups.value_or(std::vector<InstanceGroupConfig>())) {
    TARN_CHECK(refuse(group.auto_scaling_policy.has_value(), "AutoScalingPolicy"));
    TARN_CHECK(refuse(group.custom_ami_id.has_value(), "CustomAmiId"));
  }
  return {};
}

Status check_applications(const RunJobFlowInput& input) {
  for (const Application& application : input.applications.value_or(std::vector<Application>())) {
    const std::string name = application.name.value_or("");
    if (!is_application(name)) {
      return unacceptable(fmt::format("Specified application {} is not supported.", name));
    }
  }
  return {};
}

Status check_run(const RunJobFlowInput& input) {
  TARN_CHECK(refuse_what_is_not_here(input));
  if (!input.release_label) {
    return unacceptable("Give a ReleaseLabel, such as emr-7.0.0; AmiVersion is not taken.");
  }
  TARN_CHECK(check_release(*input.release_label));
  TARN_CHECK(check_applications(input));
  TARN_CHECK(check_configurations(input));
  if (input.log_uri && !input.log_uri->empty()) TARN_CHECK(parse_s3_uri(*input.log_uri));
  TARN_CHECK(check_concurrency(input.step_concurrency_level.value_or(1)));
  TARN_CHECK(check_idle_timeout(input.auto_termination_policy));
  if (input.bootstrap_actions && input.bootstrap_actions->size() > kMostBootstrapActions) {
    return unacceptable(
        fmt::format("A cluster has at most {} bootstrap actions.", kMostBootstrapActions));
  }
  return {};
}

// https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-iam-roles.html
constexpr std::string_view kInstances = "ec2.amazonaws.com";
constexpr std::string_view kEmr = "elasticmapreduce.amazonaws.com";

// The role may be passed to the service, which it trusts. Errors: AccessDeniedException,
// ValidationException.
Status check_role(EmrService& emr, const Caller& caller, const iam::RoleRecord& role,
                  std::string_view service) {
  const std::string arn = role.arn();
  const Status passed = emr.identity().authorizer.check_pass_role(caller, arn, service);
  if (!passed.ok()) return Error("AccessDeniedException", passed.error().message, 400);
  const std::string clusters =
      make_arn("elasticmapreduce", caller.region, caller.account_id, "cluster/*");
  // EC2 tells no resource.
  if (iam::trusts(role, service, service == kEmr ? clusters : "")) return {};
  return unacceptable(
      fmt::format("{} does not let {} assume it: name the service in its trust "
                  "policy (AssumeRolePolicyDocument).",
                  arn, service));
}

// The ARN of the role that JobFlowRole's instance profile holds, whose keys the cluster gets; empty
// where none is asked for. Errors: as above.
Result<std::string> check_roles(EmrService& emr, const Caller& caller,
                                const RunJobFlowInput& input) {
  const iam::Roles& roles = emr.identity().roles;
  if (const std::string name = input.service_role.value_or(""); !name.empty()) {
    const auto role = roles.find_role(name);
    if (!role) return unacceptable(fmt::format("ServiceRole {} is invalid: {}", name, kNoRole));
    TARN_CHECK(check_role(emr, caller, *role, kEmr));
  }
  const std::string name = input.job_flow_role.value_or("");
  if (name.empty()) return std::string();
  const auto profile = roles.find_profile(name);
  const auto role = profile ? roles.find_role(profile->role) : nullptr;
  if (!role) return unacceptable(fmt::format("Invalid InstanceProfile: {}: {}", name, kNoRole));
  TARN_CHECK(check_role(emr, caller, *role, kInstances));
  return role->arn();
}

// Temporary keys of the cluster's role or, without one, of the caller. Errors: ValidationException,
// those of the store.
Task<Result<iam::Credential>> issue_keys(EmrService& emr, const Caller& caller,
                                         const ClusterRecord& cluster) {
  iam::Credentials& credentials = emr.identity().credentials;
  if (const auto role = emr.identity().roles.find_role(cluster.role_arn)) {
    const auto issue = [&] {
      return credentials.issue_role_session(*role, instance_of(cluster), livy::kCredentialLife);
    };
    co_return co_await emr.platform().tasks.offload(issue);
  }
  const auto owner = credentials.find(caller.access_key_id);
  if (!owner) co_return unacceptable("The access key of this request is gone.");
  const auto issue = [&] {
    return credentials.issue_session(*owner, livy::kCredentialLife);
  };
  co_return co_await emr.platform().tasks.offload(issue);
}

// The text of the security configuration that the request names. Errors: InvalidRequestException,
// NotImplemented (a setting of it that a cluster here would not keep).
Result<std::string> security_of(EmrService& emr, const Caller& caller,
                                const RunJobFlowInput& input) {
  const std::string name = input.security_configuration.value_or("");
  if (name.empty()) return std::string();
  TARN_TRY(SecurityConfigurationRecord found, find_security(emr, caller, name));
  TARN_TRY(const Security security, read_security(found.text));
  TARN_CHECK(refuse(!security.not_here.empty(), security.not_here));
  return std::move(found.text);
}

Result<ClusterRecord> make_cluster(EmrService& emr, const Caller& caller, RunJobFlowInput input) {
  ClusterRecord out;
  out.id = new_id(emr.platform().random, "j");
  out.account = caller.account_id;
  out.region = caller.region;
  out.owner_arn = caller.arn;
  out.created = emr.platform().clock.now();
  out.keep_alive = input.instances.keep_job_flow_alive_when_no_steps.value_or(false);
  out.termination_protected = input.instances.termination_protected.value_or(false);
  out.visible_to_all = input.visible_to_all_users.value_or(true);
  out.step_concurrency = input.step_concurrency_level.value_or(1);
  if (input.auto_termination_policy) {
    out.idle_timeout_s = input.auto_termination_policy->idle_timeout;
  }
  TARN_CHECK(add_tags(caller, input.tags.value_or(std::vector<Tag>()), out.tags));
  TARN_TRY(out.steps, make_steps(emr, out, input.steps.value_or(std::vector<StepConfig>())));
  TARN_CHECK(write_out_groups(input.instances));
  input.steps.reset();
  out.request = std::move(input);
  if (out.request.managed_scaling_policy) {
    out.managed_scaling = std::exchange(out.request.managed_scaling_policy, std::nullopt);
    TARN_CHECK(check_scaling(out, *out.managed_scaling));
  }
  const Supply supply{emr.platform().random, emr.types(), emr.market(), out.created};
  TARN_CHECK(add_members(supply, out));
  out.asked = tally(emr.types(), out);
  if (emr.hosts().any()) {
    out.on_hosts = true;
    out.address = emr.hosts().server_address();
    out.port_shift = emr.clusters().free_ports(out.address);
    return out;
  }
  if (out.asked.vcpu > 0) out.granted = grant(out.asked, emr.options().host);
  out.address = emr.clusters().free_address();
  TARN_TRY(out.security, security_of(emr, caller, out.request));
  TARN_TRY(out.role_arn, check_roles(emr, caller, out.request));
  return out;
}

}  // namespace

Task<Result<RunJobFlowOutput>> handle(RunJobFlow /*tag*/, EmrService& emr, const Caller& caller,
                                      RunJobFlowInput input) {
  TARN_CO_CHECK(check_run(input));
  const Status possible = livy::check(emr.options().spark, emr.platform().files);
  if (!possible.ok()) co_return unacceptable(possible.error().message);
  const Status& enclosable = emr.sandboxes().usable();
  if (!enclosable.ok()) co_return unacceptable(enclosable.error().message);
  TARN_CO_TRY(ClusterRecord cluster, make_cluster(emr, caller, std::move(input)));
  TARN_CO_TRY(const iam::Credential keys, co_await issue_keys(emr, caller, cluster));
  cluster.access_key_id = keys.access_key_id;
  TARN_CO_TRY(const Clusters::Entry life, co_await emr.clusters().add(std::move(cluster)));
  RunJobFlowOutput out;
  out.job_flow_id = life->cluster().id;
  out.cluster_arn = life->cluster().arn();
  co_return out;
}

}  // namespace tarn::emr
