// The data of emit's templates, from a program. Inside emit/ only.
#pragma once

#include <string>
#include <vector>

#include "base/template.h"
#include "deploy/emit/emit.h"

namespace mote::deploy {

// A port as C sees it. With one input it is `input` and NAME_INPUT, with several `input_0` and
// NAME_INPUT_0.
struct PortName {
  std::string variable;
  std::string macro;
};
std::vector<PortName> port_names(const std::string& name, const std::string& kind, size_t count);

// "int8_t *output, ..." and "input, output": of the invoke function.
std::string parameter_list(const Program& program, const std::string& name);

// Everything but NAME.c: ports, sizes, labels, the self-test, the list of sources.
TemplateData project_data(const Program& program, const EmitOptions& options);
// NAME.c: constants, parameters, calls.
TemplateData source_data(const Program& program, const EmitOptions& options);
// NAME_constants.S and NAME_constants.bin, empty where no constant is large enough.
TemplateData symbol_data(const Program& program, const EmitOptions& options);
std::string binary_constants(const Program& program, const EmitOptions& options);

}  // namespace mote::deploy
