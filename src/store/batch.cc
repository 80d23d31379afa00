#include "store/store.h"

namespace tarn::store {

Batch& Batch::put(Space space, std::string key, std::string value) {
  edits_.push_back({Edit::Kind::kPut, space, std::move(key), std::move(value)});
  return *this;
}

Batch& Batch::remove(Space space, std::string key) {
  edits_.push_back({Edit::Kind::kRemove, space, std::move(key), {}});
  return *this;
}

Batch& Batch::remove_range(Space space, std::string first, std::string last) {
  edits_.push_back({Edit::Kind::kRemoveRange, space, std::move(first), std::move(last)});
  return *this;
}

Result<std::vector<std::pair<std::string, std::string>>> Store::scan(Space space,
                                                                     std::string_view prefix,
                                                                     std::size_t limit,
                                                                     std::string_view after) {
  std::vector<std::pair<std::string, std::string>> out;
  const auto walk = cursor(space);
  walk->seek(after > prefix ? after : prefix);
  for (; walk->valid() && out.size() < limit && walk->key().starts_with(prefix); walk->next()) {
    if (!after.empty() && walk->key() <= after) continue;
    out.emplace_back(walk->key(), walk->value());
  }
  TARN_CHECK(walk->status());
  return out;
}

std::string prefix_end(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xff) end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

}  // namespace tarn::store
