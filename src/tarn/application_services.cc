// The services of AWS that the server answers for, in the order in which one needs another.
#include <unistd.h>

#include "tarn/application_parts.h"
#include "tarn/emr_options.h"
#include "tarn/lambda_options.h"
#include "tarn/sample_templates.h"

namespace tarn::app {

Status Application::Parts::add_services() {
  const gateway::ChainOptions chain_options{facts.account_id, options.region};
  chain = std::make_unique<gateway::Chain>(platform, *credentials, authorizer, chain_options);
  const gateway::ServerOptions server_options{options.host, facts.port, options.egress_allowed};
  server = std::make_unique<gateway::Server>(server_options, *chain, threads, *authority);
  TARN_CHECK(start_audit());
  sts =
      std::make_unique<sts::StsService>(sts::Sts{*credentials, *roles, managed_policies, threads});
  add(*sts);
  iam = std::make_unique<iam::IamService>(
      iam::Iam{platform, *roles, *users, credentials->access_keys(), managed_policies, *logins});
  add(*iam);
  ec2 = std::make_unique<ec2::Ec2Service>(platform, *store);
  TARN_CHECK(ec2->load());
  add(*ec2);
  logs = std::make_unique<logs::LogsService>(platform, *store);
  TARN_CHECK(real::run_on(threads.control(), logs->start()));
  authorizer.add("logs", *logs);
  add(*logs);
  kms = std::make_unique<kms::KmsService>(platform, *store, authorizer,
                                          configuration.root_key_path());
  TARN_CHECK(real::run_on(threads.control(), kms->start()));
  authorizer.add("kms", kms->policies());
  add(*kms);
  TARN_CHECK(add_parameters_and_secrets());
  const kinesis::KinesisOptions kinesis_options{.aws_limits = options.aws_limits,
                                                .keys = &kms->keys()};
  kinesis = std::make_unique<kinesis::KinesisService>(
      platform, *store, configuration.data_directory + "/kinesis", kinesis_options);
  TARN_CHECK(real::run_on(threads.control(), kinesis->start()));
  add(*kinesis);
  authorizer.add("kinesis", *kinesis);
  dynamodb = std::make_unique<dynamodb::DynamodbService>(platform, *store);
  TARN_CHECK(real::run_on(threads.control(), dynamodb->start()));
  add(*dynamodb);
  glue = std::make_unique<glue::GlueService>(platform, *store);
  TARN_CHECK(real::run_on(threads.control(), glue->start()));
  add(*glue);
  const s3::S3Options s3_options{configuration.data_directory,
                                 configuration.connector_directory + "/tarn-aws-kinesis.jar"};
  s3 = std::make_unique<s3::S3Service>(platform, *store, s3_options, kms->keys());
  TARN_CHECK(real::run_on(threads.control(), s3->start()));
  authorizer.add("s3", s3->policies());
  add(*s3, &s3->cross_origin());
  put_samples();
  start_sandboxes();
  lambda = std::make_unique<lambda::LambdaService>(
      platform, *store, lambda::Identity{*credentials, *roles, authorizer}, s3->store(), *sandboxes,
      in_process, lambda_options(configuration, facts, files));
  TARN_CHECK(real::run_on(threads.control(), lambda->start()));
  authorizer.add("lambda", lambda->policies());
  add(*lambda);
  emr = std::make_unique<emr::EmrService>(
      platform, network, *store, emr::Identity{*credentials, *roles, authorizer}, s3->store(),
      *sandboxes, *server, emr_options(configuration, options, facts, files));
  TARN_CHECK(real::run_on(threads.control(), emr->start()));
  add(*emr);
  return add_stacks();
}

// What is called and denied is told from the first request on.
Status Application::Parts::start_audit() {
  cloudtrail = std::make_unique<cloudtrail::CloudTrailService>(platform, *store);
  TARN_CHECK(real::run_on(threads.control(), cloudtrail->start()));
  chain->audit_to(*cloudtrail);
  in_process.audit_to(*cloudtrail);
  add(*cloudtrail);
  if (!options.only_audit_iam) return {};
  authorizer.only_audit(*cloudtrail);
  options.on_warning(
      "--iam audit: what policies deny is logged and can be looked up (aws cloudtrail "
      "lookup-events), but not refused");
  return {};
}

// Without them the server is of use, too: a full disk does not keep it from its data.
void Application::Parts::put_samples() {
  SampleTemplates samples(platform, *store, s3->store(), configuration.share_directory,
                          facts.account_id);
  const Status put = real::run_on(threads.control(), samples.put_all());
  if (!put.ok())
    options.on_warning("the sample templates are not up to date: " + put.error().message);
}

Status Application::Parts::add_parameters_and_secrets() {
  ssm = std::make_unique<ssm::SsmService>(platform, *store, kms->keys(), authorizer);
  TARN_CHECK(ssm->load());
  authorizer.add("ssm", ssm->names());
  add(*ssm);
  secretsmanager = std::make_unique<secretsmanager::SecretsManagerService>(platform, *store,
                                                                           kms->keys(), authorizer);
  TARN_CHECK(secretsmanager->load());
  authorizer.add("secretsmanager", secretsmanager->names());
  add(*secretsmanager);
  return {};
}

void Application::Parts::add(gateway::Service& service, const gateway::CrossOrigin* cross_origin) {
  chain->add(service, cross_origin);
  in_process.add(service);
  health.add_service(service.model().name);
}

void Application::Parts::start_sandboxes() {
  sandbox::Settings settings;
  settings.mode = options.sandbox ? sandbox::Mode::kBubblewrap : sandbox::Mode::kNone;
  settings.as_root = ::geteuid() == 0;
  settings.server = facts.pid;
  settings.directory = configuration.data_directory + "/sandbox";
  settings.programs = configuration.share_directory + "/sandbox";
  sandboxes = std::make_unique<sandbox::Sandboxes>(platform, std::move(settings));
  real::run_on(threads.control(), sandboxes->start());
}

}  // namespace tarn::app
