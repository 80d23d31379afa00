// The handlers of the REST API, one per endpoint of the specification, so that routes.cc can list
// them. Each .cc names the endpoints it holds.
//
// Place: services/iceberg, inside. Threads: the control strand.
// (https://github.com/apache/iceberg/blob/main/open-api/rest-catalog-open-api.yaml: operationId)
#pragma once

#include "base/result.h"
#include "base/task.h"
#include "services/iceberg/request.h"

namespace tarn::iceberg {

using Answer = Task<Result<wire::Response>>;
using Handler = Answer (*)(Iceberg&, Request);

// config.cc
Answer get_config(Iceberg& iceberg, Request request);
Answer get_token(Iceberg& iceberg, Request request);

// namespaces.cc
Answer list_namespaces(Iceberg& iceberg, Request request);
Answer create_namespace(Iceberg& iceberg, Request request);
Answer load_namespace_metadata(Iceberg& iceberg, Request request);
Answer namespace_exists(Iceberg& iceberg, Request request);
Answer drop_namespace(Iceberg& iceberg, Request request);
Answer update_properties(Iceberg& iceberg, Request request);

// tables.cc
Answer list_tables(Iceberg& iceberg, Request request);
Answer create_table(Iceberg& iceberg, Request request);
Answer load_table(Iceberg& iceberg, Request request);
Answer table_exists(Iceberg& iceberg, Request request);
Answer register_table(Iceberg& iceberg, Request request);
Answer load_credentials(Iceberg& iceberg, Request request);
Answer rename_table(Iceberg& iceberg, Request request);
Answer drop_table(Iceberg& iceberg, Request request);
Answer report_metrics(Iceberg& iceberg, Request request);

// commits.cc
Answer update_table(Iceberg& iceberg, Request request);
Answer commit_transaction(Iceberg& iceberg, Request request);

// views.cc
Answer list_views(Iceberg& iceberg, Request request);
Answer create_view(Iceberg& iceberg, Request request);
Answer load_view(Iceberg& iceberg, Request request);
Answer view_exists(Iceberg& iceberg, Request request);
Answer replace_view(Iceberg& iceberg, Request request);
Answer rename_view(Iceberg& iceberg, Request request);
Answer register_view(Iceberg& iceberg, Request request);
Answer drop_view(Iceberg& iceberg, Request request);

}  // namespace tarn::iceberg
