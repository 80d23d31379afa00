// Template: a record template of the Kinesis Data Generator, compiled.
//
// Place: generator. A template is text with calls in double braces: {{function}} or
// {{function(arguments)}}. It is parsed once into literals and generators; a Renderer then makes
// records of it without allocating per record. The functions are those of faker.js as the Kinesis
// Data Generator offers them, and its own (README.md lists them).
//
// What is not part of a record:
// - newlines (CR, LF), everywhere: the Kinesis Data Generator drops them. Spaces stay.
// - a heading: leading lines that are blank, a Markdown heading ("#" to "######" and a space), a
// Markdown code fence
//   (```), a "//" comment or a one-line "<!-- … -->" comment. A line that holds "{{" is never a
//   heading. The closing fence at the end is dropped when an opening one was.
//
// Threads: a Template is constant and may be shared; a Renderer belongs to one thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "generator/renderer.h"
#include "platform/clock.h"

namespace tarn::generator {

class Template {
 public:
  // Error: kInvalid, "template LINE:COLUMN: …", for an unknown function (with the nearest known
  // name), wrong arguments, an unclosed call, or nothing to render.
  [[nodiscard]] static Result<Template> parse(std::string_view text);

 private:
  friend class Renderer;
  struct Step {
    std::string literal;     // before the generator
    GeneratorPtr generator;  // nullptr: none, at the end
  };
  struct Program {
    std::vector<Step> steps;
    std::size_t time_slots = 0;
  };

  explicit Template(std::shared_ptr<const Program> program) : program_(std::move(program)) {}

  std::shared_ptr<const Program> program_;
};

class Renderer {
 public:
  // The same seed, times and template give the same records.
  Renderer(Template source, std::uint64_t seed, int utc_offset_minutes);

  // Appends one record made at `now`.
  void append(Timestamp now, std::string& out);

 private:
  std::shared_ptr<const Template::Program> program_;
  RenderState state_;
};

}  // namespace tarn::generator
