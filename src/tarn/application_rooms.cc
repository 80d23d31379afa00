// What the port answers besides AWS's services: rooms below /_tarn/, and the Iceberg REST API.
#include "tarn/application_parts.h"
#include "tarn/livy_options.h"

namespace tarn::app {

void Application::Parts::add_web_rooms() {
  metrics = std::make_unique<MetricsRoom>(*chain);
  chain->add_web("health", health);
  chain->add_web("metrics", *metrics);
  chain->add_web("custom-resources", cloudformation->answers());
  chain->add_web("wait-conditions", cloudformation->signals());
  add_iceberg();
  add_generator();
  metadata = std::make_unique<metadata::MetadataRoom>(*credentials, clock);
  chain->add_web("metadata", *metadata);
  emr_room = std::make_unique<emr::EmrRoom>(*emr, authorizer);
  chain->add_web("emr", *emr_room);
  record_room = std::make_unique<emr::RecordRoom>(*emr);
  chain->add_web("clusters", *record_room);
  agents_room =
      std::make_unique<emr::AgentsRoom>(emr->hosts(), agent_token, emr->options().spark_version);
  chain->add_web("agents", *agents_room);
  if (!options.sessions) return;
  add_sessions();
}

void Application::Parts::add_generator() {
  const auto sample =
      files.read(configuration.share_directory + "/templates/records/pixel.json.tmpl");
  generator_runs = std::make_unique<GeneratorRuns>(platform, in_process, *credentials);
  generator_room =
      std::make_unique<GeneratorRoom>(*generator_runs, sample.ok() ? *sample : std::string());
  chain->add_web("generator", *generator_room);
}

void Application::Parts::add_iceberg() {
  iceberg::MaintenanceOptions worker;
  worker.python = configuration.runtime_directory + "/python/bin/python";
  worker.worker_directory = configuration.share_directory;
  worker.data_directory = configuration.data_directory + "/maintenance";
  worker.endpoint_url = facts.endpoint;
  worker.region = facts.region;
  maintenance = std::make_unique<iceberg::Maintenance>(platform, glue->metastore(), s3->store(),
                                                       *credentials, std::move(worker));
  maintenance_room = std::make_unique<iceberg::MaintenanceRoom>(*maintenance);
  chain->add_web("maintenance", *maintenance_room);
  iceberg = std::make_unique<iceberg::IcebergRoom>(platform, glue->metastore(), s3->store(),
                                                   *credentials, authorizer, maintenance.get());
  chain->add_site("/iceberg/v1/", *iceberg);
}

void Application::Parts::add_sessions() {
  livy::Options sessions = livy_options(configuration, options, facts, files);
  // The other services are of use without Spark: said now, refused when a session is asked for.
  if (!sandboxes->usable().ok()) options.on_warning(sandboxes->usable().error().message);
  if (const Status complete = livy::check(sessions, files); !complete.ok()) {
    options.on_warning(complete.error().message);
  }
  livy = std::make_unique<livy::LivyRoom>(platform, *credentials, *sandboxes, std::move(sessions));
  chain->add_web("livy", *livy);
}

}  // namespace tarn::app
