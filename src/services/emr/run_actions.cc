// RunJobFlow.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "services/emr/actions.h"
#include "services/emr/members.h"
#include "services/emr/releases.h"
#include "services/emr/request.h"
#include "services/emr/scaling.h"

namespace tarn::emr {
namespace {

// https://docs.aws.amazon.com/emr/latest/APIReference/API_RunJobFlow.html
constexpr std::size_t kMostBootstrapActions = 16;

Error unacceptable(std::string text) {
  return {"ValidationException", std::move(text)};
}

// What has a meaning on AWS that a cluster here would not keep. Error: NotImplemented.
Status refuse_what_is_not_here(const RunJobFlowInput& input) {
  TARN_CHECK(refuse(input.kerberos_attributes.has_value(), "KerberosAttributes"));
  TARN_CHECK(refuse(input.security_configuration.has_value(), "SecurityConfiguration"));
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
    const auto known = known_applications();
    if (std::find(known.begin(), known.end(), name) == known.end()) {
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
  if (input.log_uri && !input.log_uri->empty()) TARN_CHECK(parse_s3_uri(*input.log_uri));
  TARN_CHECK(check_concurrency(input.step_concurrency_level.value_or(1)));
  TARN_CHECK(check_idle_timeout(input.auto_termination_policy));
  if (input.bootstrap_actions && input.bootstrap_actions->size() > kMostBootstrapActions) {
    return unacceptable(
        fmt::format("A cluster has at most {} bootstrap actions.", kMostBootstrapActions));
  }
  return {};
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
  TARN_CHECK(add_tags(input.tags.value_or(std::vector<Tag>()), out.tags));
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
  if (out.asked.vcpu > 0) out.granted = grant(out.asked, emr.options().host);
  out.address = emr.clusters().free_address();
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
  const auto owner = emr.credentials().find(caller.access_key_id);
  if (!owner) co_return unacceptable("The access key of this request is gone.");
  const auto issue = [&] {
    return emr.credentials().issue_session(*owner, livy::kCredentialLife);
  };
  TARN_CO_TRY(const iam::Credential keys, co_await emr.platform().tasks.offload(issue));
  cluster.access_key_id = keys.access_key_id;
  TARN_CO_TRY(const Clusters::Entry life, co_await emr.clusters().add(std::move(cluster)));
  RunJobFlowOutput out;
  out.job_flow_id = life->cluster().id;
  out.cluster_arn = life->cluster().arn();
  co_return out;
}

}  // namespace tarn::emr
