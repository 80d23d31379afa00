// How fast record templates render, on one core. The template of the guidance is read from
// templates/records.
#include <fstream>
#include <sstream>
#include <string>

#include <benchmark/benchmark.h>

#include "generator/template.h"

namespace {

using tarn::Timestamp;
using tarn::generator::Renderer;
using tarn::generator::Template;

constexpr Timestamp kStart{1'709'644'029'045};

// Renders into one buffer, emptied after each batch of 500 as the sender does. A second passes
// every 100,000 records.
void render_records(benchmark::State& state, const std::string& text) {
  tarn::Result<Template> parsed = Template::parse(text);
  if (!parsed.ok()) {
    state.SkipWithError(parsed.error().message.c_str());
    return;
  }
  Renderer renderer(std::move(parsed).value(), 1, 0);
  std::string out;
  std::int64_t records = 0;
  std::int64_t bytes = 0;
  for (auto _ : state) {
    renderer.append({kStart.ms + records / 100}, out);
    benchmark::DoNotOptimize(out.data());
    if (++records % 500 == 0) {
      bytes += static_cast<std::int64_t>(out.size());
      out.clear();
    }
  }
  bytes += static_cast<std::int64_t>(out.size());
  state.SetItemsProcessed(records);
  state.SetBytesProcessed(bytes);
}

void pixel(benchmark::State& state) {
  std::ifstream file(TARN_PIXEL_TEMPLATE);
  std::stringstream text;
  text << file.rdbuf();
  render_records(state, text.str());
}

void sensor(benchmark::State& state) {
  render_records(
      state,
      R"({"sensorId": {{random.number({"min":1,"max":50})}}, "temperature": {{random.number({"min":10,
"max":150})}}, "status": "{{random.weightedArrayElement({"weights":[0.7,0.2,0.1],"data":["OK","WARN","FAIL"]})}}", "at":
"{{date.utc("YYYY-MM-DDTHH:mm:ss.SSS[Z]")}}"})");
}

void person(benchmark::State& state) {
  render_records(state,
                 "{{random.uuid}},{{name.findName}},{{internet.email}},{{internet.ip}},{{address."
                 "streetAddress}},"
                 "{{address.city}},{{address.stateAbbr}},{{address.zipCode}},{{commerce.price}},{{"
                 "date.past}}");
}

BENCHMARK(pixel);
BENCHMARK(sensor);
BENCHMARK(person);

}  // namespace

BENCHMARK_MAIN();
