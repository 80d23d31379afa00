// Access to members, lists and maps by their addresses: what the generated tables point to.
//
// Place: wire; used only by generated code and by the codecs' tests.
// Threads: pure functions.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "wire/event_stream.h"
#include "wire/schema.h"

namespace tarn::wire::access {

template <class T>
struct MemberPointer;
template <class Owner_, class Value_>
struct MemberPointer<Value_ Owner_::*> {
  using Owner = Owner_;
  using Value = Value_;
};

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;
template <class T>
inline constexpr bool kIsShared = false;
template <class T>
inline constexpr bool kIsShared<std::shared_ptr<T>> = true;
// A stream's own type is a pointer already.
template <class T>
inline constexpr bool kIsStream = std::is_same_v<T, Body> || std::is_same_v<T, Events>;

template <auto M>
void* emplace(void* parent) {
  using P = MemberPointer<decltype(M)>;
  auto& value = static_cast<typename P::Owner*>(parent)->*M;
  if constexpr (kIsOptional<typename P::Value>) {
    if (!value) value.emplace();
    return &*value;
  } else if constexpr (kIsShared<typename P::Value> && !kIsStream<typename P::Value>) {
    using Inner = typename P::Value::element_type;
    if (!value) value = std::make_shared<Inner>();
    return value.get();
  } else {
    return &value;
  }
}

template <auto M>
const void* find(const void* parent) {
  using P = MemberPointer<decltype(M)>;
  const auto& value = static_cast<const typename P::Owner*>(parent)->*M;
  if constexpr (kIsOptional<typename P::Value>) {
    return value ? &*value : nullptr;
  } else if constexpr (kIsStream<typename P::Value>) {
    return value ? &value : nullptr;
  } else if constexpr (kIsShared<typename P::Value>) {
    return value.get();
  } else {
    return &value;
  }
}

template <class T>
inline const ListAccess kList = {
    [](const void* list) { return static_cast<const std::vector<T>*>(list)->size(); },
    [](const void* list, std::size_t index) -> const void* {
      return &(*static_cast<const std::vector<T>*>(list))[index];
    },
    [](void* list, std::size_t count) -> void* {
      auto& vector = *static_cast<std::vector<T>*>(list);
      vector.resize(vector.size() + count);
      return &*(vector.end() - static_cast<std::ptrdiff_t>(count));
    },
    sizeof(T),
};

template <class T>
inline const MapAccess kMap = {
    [](const void* map) { return static_cast<const std::map<std::string, T>*>(map)->size(); },
    [](void* map, std::string_view key) -> void* {
      return &(*static_cast<std::map<std::string, T>*>(map))[std::string(key)];
    },
    [](const void* map, void* context, void (*visit)(void*, std::string_view, const void*)) {
      for (const auto& [key, value] : *static_cast<const std::map<std::string, T>*>(map))
        visit(context, key, &value);
    },
};

}  // namespace tarn::wire::access

namespace tarn::wire {

// The input or output of an operation that has none.
struct Unit {};

}  // namespace tarn::wire
