// Generators and the state in which they render.
//
// Place: generator. A Generator is one compiled `{{function(arguments)}}`; a Template holds them
// between its literals. Threads: a Generator is constant and shared; a RenderState belongs to one
// thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "generator/random_source.h"
#include "platform/clock.h"

namespace tarn::generator {

// The last text of a formatted time, kept because many records share a second.
struct CachedTime {
  std::int64_t key = INT64_MIN;
  std::string text;
};

struct RenderState {
  RandomSource random;
  Timestamp now;
  int utc_offset_minutes = 0;
  std::vector<CachedTime> times;  // by the slots that Template::parse gave out
};

class Generator {
 public:
  virtual ~Generator() = default;
  // Appends one value. Allocates nothing once `out` and the caches have grown to size.
  virtual void render(RenderState& state, std::string& out) const = 0;
};

using GeneratorPtr = std::unique_ptr<const Generator>;

// A generator of one function: make_generator([](RenderState& state, std::string& out) { … }).
template <class Render>
class FunctionGenerator final : public Generator {
 public:
  explicit FunctionGenerator(Render render) : render_(std::move(render)) {}
  void render(RenderState& state, std::string& out) const override { render_(state, out); }

 private:
  Render render_;
};

template <class Render>
GeneratorPtr make_generator(Render render) {
  return std::make_unique<FunctionGenerator<Render>>(std::move(render));
}

}  // namespace tarn::generator
