// SearchTables.
// (https://docs.aws.amazon.com/glue/latest/webapi/API_SearchTables.html)
#include <algorithm>
#include <charconv>
#include <functional>
#include <utility>

#include "services/glue/actions.h"
#include "services/glue/records.h"
#include "services/glue/request.h"
#include "wire/dates.h"

namespace tarn::glue {
namespace {

// A text or time of a table by which it is searched and sorted.
struct Field {
  std::string_view name;
  std::optional<std::string> (*text)(const Table&);
  std::optional<Timestamp> (*time)(const Table&);
};

const Field kFields[] = {
    {"Name", [](const Table& t) { return std::optional(t.name); }, nullptr},
    {"DatabaseName", [](const Table& t) { return t.database_name; }, nullptr},
    {"Description", [](const Table& t) { return t.description; }, nullptr},
    {"Owner", [](const Table& t) { return t.owner; }, nullptr},
    {"TableType", [](const Table& t) { return t.table_type; }, nullptr},
    {"CreatedBy", [](const Table& t) { return t.created_by; }, nullptr},
    {"CreateTime", nullptr,
     [](const Table& t) {
       return t.create_time;
     }},
    {"UpdateTime", nullptr,
     [](const Table& t) {
       return t.update_time;
     }},
    {"LastAccessTime", nullptr,
     [](const Table& t) {
       return t.last_access_time;
     }},
    {"LastAnalyzedTime", nullptr,
     [](const Table& t) {
       return t.last_analyzed_time;
     }},
};

const Field* field_of(std::string_view name) {
  for (const auto& field : kFields) {
    if (wire::equals_ignoring_case(field.name, name)) return &field;
  }
  return nullptr;
}

std::optional<std::string> parameter(const Table& table, const std::string& name) {
  if (!table.parameters) return std::nullopt;
  const auto found = table.parameters->find(name);
  return found == table.parameters->end() ? std::nullopt : std::optional(found->second);
}

bool contains(const std::optional<std::string>& text, const std::string& lower) {
  return text && wire::to_lower(*text).find(lower) != std::string::npos;
}

// A text in quotes is meant whole, another is looked for within
// (the SearchText member in the API's page).
bool matches_text(const Table& table, std::string wanted) {
  const bool whole = wanted.size() > 1 && wanted.front() == '"' && wanted.back() == '"';
  if (whole) wanted = wanted.substr(1, wanted.size() - 2);
  wanted = wire::to_lower(wanted);
  const auto fits = [&](const std::optional<std::string>& text) {
    return whole ? text && wire::to_lower(*text) == wanted : contains(text, wanted);
  };
  for (const auto& field : kFields) {
    if (field.text != nullptr && fits(field.text(table))) return true;
  }
  if (table.storage_descriptor && table.storage_descriptor->columns) {
    for (const auto& column : *table.storage_descriptor->columns) {
      if (fits(column.name) || fits(column.comment)) return true;
    }
  }
  if (table.parameters) {
    for (const auto& [key, value] : *table.parameters) {
      if (fits(key) || fits(value)) return true;
    }
  }
  return false;
}

bool compare(std::int64_t left, std::string_view comparator, std::int64_t right) {
  if (comparator == "GREATER_THAN") return left > right;
  if (comparator == "LESS_THAN") return left < right;
  if (comparator == "GREATER_THAN_EQUALS") return left >= right;
  if (comparator == "LESS_THAN_EQUALS") return left <= right;
  return left == right;
}

using Keep = std::function<bool(const Table&)>;

Result<Keep> keep_of(const PropertyPredicate& filter) {
  if (!filter.key || !filter.value) return invalid_input("A filter has a Key and a Value.");
  const std::string key = *filter.key;
  const std::string comparator = filter.comparator.value_or("EQUALS");
  const Field* field = field_of(key);
  if (field != nullptr && field->time != nullptr) {
    const auto wanted = wire::from_any_date(*filter.value);
    if (!wanted) {
      return invalid_input("The Value of the filter " + key +
                           " is no time like 2026-11-27T10:00:00Z: " + *filter.value);
    }
    return Keep([field, comparator, at = *wanted](const Table& table) {
      const auto time = field->time(table);
      return time && compare(time->ms, comparator, at.ms);
    });
  }
  if (comparator != "EQUALS")
    return invalid_input("Comparator " + comparator + " is for times; " + key + " is a text.");
  return Keep([field, key, wanted = wire::to_lower(*filter.value)](const Table& table) {
    const auto text = field != nullptr ? field->text(table) : parameter(table, key);
    return text && wire::to_lower(*text) == wanted;
  });
}

Status sort(std::vector<Table>& tables, const SortCriterion& criterion) {
  const Field* field = field_of(criterion.field_name.value_or(""));
  if (field == nullptr) {
    return invalid_input("FieldName " + criterion.field_name.value_or("") +
                         " is nothing that tables are sorted by: Name, DatabaseName, UpdateTime.");
  }
  const bool descending = criterion.sort.value_or("ASC") == "DESC";
  std::stable_sort(tables.begin(), tables.end(), [&](const Table& left, const Table& right) {
    const Table& a = descending ? right : left;
    const Table& b = descending ? left : right;
    return field->text != nullptr ? field->text(a) < field->text(b)
                                  : field->time(a) < field->time(b);
  });
  return {};
}

// Tokens tell how many tables came before.
Result<std::size_t> offset_of(const std::optional<std::string>& token) {
  if (!token || token->empty()) return std::size_t{0};
  std::size_t offset = 0;
  const auto [end, failure] = std::from_chars(token->data(), token->data() + token->size(), offset);
  if (failure != std::errc() || end != token->data() + token->size()) return bad_token();
  return offset;
}

Result<SearchTablesResponse> search(GlueService& service, const Owner& owner,
                                    const SearchTablesRequest& input) {
  std::vector<Keep> filters;
  if (input.filters) {
    for (const auto& filter : *input.filters) {
      TARN_TRY(auto keep, keep_of(filter));
      filters.push_back(std::move(keep));
    }
  }
  const auto keep = [&](const Table& table) {
    return std::all_of(filters.begin(), filters.end(),
                       [&](const Keep& each) { return each(table); }) &&
           (!input.search_text || matches_text(table, *input.search_text));
  };
  TARN_TRY(auto found, service.metastore().search_tables(owner, keep));
  if (input.sort_criteria && !input.sort_criteria->empty())
    TARN_CHECK(sort(found, input.sort_criteria->front()));
  TARN_TRY(const auto offset, offset_of(input.next_token));
  const std::size_t limit = page_of(std::nullopt, input.max_results).limit;
  const std::size_t first = std::min(offset, found.size());
  const std::size_t last = std::min(first + limit, found.size());
  SearchTablesResponse out;
  out.table_list.emplace(
      std::make_move_iterator(found.begin() + static_cast<std::ptrdiff_t>(first)),
      std::make_move_iterator(found.begin() + static_cast<std::ptrdiff_t>(last)));
  if (last < found.size()) out.next_token = std::to_string(last);
  return out;
}

}  // namespace

Task<Result<SearchTablesResponse>> handle(SearchTables, GlueService& service, const Caller& caller,
                                          SearchTablesRequest input) {
  const auto work = [&]() -> Result<SearchTablesResponse> {
    TARN_TRY(const auto owner, owner_of(caller, input.catalog_id));
    // Nobody shares tables with this account.
    if (input.resource_share_type &&
        *input.resource_share_type != values::resource_share_type::kAll)
      return SearchTablesResponse();
    return search(service, owner, input);
  };
  co_return co_await on_disk<SearchTablesResponse>(service, work);
}

}  // namespace tarn::glue
