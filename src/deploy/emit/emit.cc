// See emit.h. What the templates (*.mustache) say, and the names and numbers that go into them.
#include "deploy/emit/emit.h"

#include <span>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.h"
#include "base/resources.h"
#include "base/template.h"
#include "base/zip.h"
#include "deploy/emit/literals.h"
#include "deploy/emit/names.h"
#include "deploy/emit/project.h"
#include "deploy/emit/sources.h"

namespace mote::deploy {
namespace {

constexpr const char* kFolder = "deploy/emit/";

void check(const Program& program, const EmitOptions& options) {
  if (const std::string fitting = firmware_name(options.name); fitting != options.name)
    throw Error(ErrorKind::usage,
                fmt::format("'{}' is no name for files and C symbols", options.name), "name",
                fmt::format("for example: {}", fitting));
  if (options.self_test && options.self_test->inputs.size() != program.inputs.size())
    throw Error(ErrorKind::internal, "the self-test has not one input for each port");
}

}  // namespace

FirmwareFiles emit(const Program& program, const EmitOptions& options) {
  check(program, options);
  const auto fill = [](const std::string& name, const TemplateData& data) {
    return fill_template(kFolder + name + ".mustache", data);
  };
  FirmwareFiles files;
  const std::string& name = options.name;
  TemplateData project = project_data(program, options);
  const std::string& source = files[name + ".c"] = fill("model.c", source_data(program, options));
  const std::span bytes(reinterpret_cast<const uint8_t*>(source.data()), source.size());
  project.set("digest", fmt::format("0x{:08X}", crc32_of(bytes)));
  files[name + ".h"] = fill("model.h", project);
  if (std::string constants = binary_constants(program, options); !constants.empty()) {
    files[name + "_constants.S"] = fill("constants.S", symbol_data(program, options));
    files[name + "_constants.bin"] = std::move(constants);
  }
  files["example_main.c"] = fill("example_main.c", project);
  files["CMakeLists.txt"] = fill("CMakeLists.txt", project);
  if (options.self_test) {
    files[name + "_selftest.h"] = fill("selftest.h", project);
    files[name + "_selftest.c"] = fill("selftest.c", project);
  }
  for (const std::string& path : sources_of(program)) files["mote/" + path] = source_text(path);
  return files;
}

}  // namespace mote::deploy
