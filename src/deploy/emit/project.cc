#include "deploy/emit/project.h"

#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/ascii.h"
#include "base/zip.h"
#include "deploy/emit/literals.h"
#include "deploy/emit/sources.h"

namespace mote::deploy {
namespace {

std::string brace_list(const std::vector<float>& numbers) {
  std::vector<std::string> literals;
  for (const float number : numbers) literals.push_back(float_literal(number));
  return fmt::format("{{{}}}", fmt::join(literals, ", "));
}

TemplateData port_data(const Program& program, const Port& port, const PortName& names,
                       const std::string& kind) {
  TemplateData data;
  const auto& buffer = program.plan.buffers.at(static_cast<size_t>(port.buffer));
  data.set("Kind", kind);
  data.set("title", comment_text(port.name));
  data.set("type", std::string(name_of(port.type.dtype)) + to_string(port.type.shape));
  data.set("c_type", std::string(c_type_of(port.type.dtype)));
  data.set("variable", names.variable);
  data.set("MACRO", names.macro);
  data.set("elements", fmt::to_string(element_count(port.type.shape)));
  data.set("bytes", fmt::to_string(byte_size(port.type)));
  data.set("offset", fmt::to_string(buffer.offset_bytes));
  const auto& quantization = port.type.quantization;
  const bool quantized = quantization && !quantization->per_channel();
  data.set("quantized", TemplateData(quantized));
  if (quantized) {
    data.set("scale", float_literal(quantization->scale.at(0)));
    data.set("zero_point", fmt::to_string(quantization->zero_point.at(0)));
  }
  return data;
}

void add_preprocessing(TemplateData& port, const Preprocessing& preprocessing) {
  port.set("raw", TemplateData(preprocessing.identity()));
  if (preprocessing.identity()) return;
  port.set("preprocessing", TemplateData(true));
  port.set("scale_list", brace_list(preprocessing.scale));
  port.set("bias_list", brace_list(preprocessing.bias));
}

struct PortLists {
  TemplateData all{TemplateData::type::list};
  TemplateData inputs{TemplateData::type::list};
  TemplateData outputs{TemplateData::type::list};
  std::vector<std::string> arguments;
};

PortLists port_lists(const Program& program, const EmitOptions& options) {
  PortLists lists;
  const auto inputs = port_names(options.name, "input", program.inputs.size());
  for (size_t i = 0; i < program.inputs.size(); i++) {
    TemplateData port = port_data(program, program.inputs[i], inputs[i], "Input");
    if (i < options.preprocessing.size()) add_preprocessing(port, options.preprocessing[i]);
    if (options.self_test)
      port.set("values", wrapped(element_literals(program.inputs[i].type.dtype,
                                                  options.self_test->inputs[i])));
    lists.all.push_back(port);
    lists.inputs.push_back(port);
    lists.arguments.push_back(inputs[i].variable);
  }
  const auto outputs = port_names(options.name, "output", program.outputs.size());
  for (size_t i = 0; i < program.outputs.size(); i++) {
    const TemplateData port = port_data(program, program.outputs[i], outputs[i], "Output");
    lists.all.push_back(port);
    lists.outputs.push_back(port);
    lists.arguments.push_back(outputs[i].variable);
  }
  return lists;
}

TemplateData source_list(const Program& program, const EmitOptions& options) {
  std::vector<std::string> paths = {options.name + ".c"};
  if (options.self_test) paths.push_back(options.name + "_selftest.c");
  for (const std::string& path : sources_of(program))
    if (path.ends_with(".c")) paths.push_back("mote/" + path);
  TemplateData list{TemplateData::type::list};
  for (const std::string& path : paths) {
    TemplateData source;
    source.set("path", path);
    list.push_back(source);
  }
  return list;
}

// What an element of the type must exceed to stand for more than `real`.
std::string threshold_literal(const TensorType& type, double real) {
  if (type.dtype == DType::float32) return float_literal(static_cast<float>(real));
  if (!type.quantization) return integer_literal(static_cast<int64_t>(std::floor(real)));
  const double steps = real / static_cast<double>(type.quantization->scale.at(0));
  return integer_literal(type.quantization->zero_point.at(0) +
                         static_cast<int64_t>(std::floor(steps)));
}

// Of their bytes as they are linked, one constant after the other.
uint32_t crc_of_constants(const Program& program) {
  Bytes bytes;
  for (const Constant& constant : program.constants)
    bytes.insert(bytes.end(), constant.data.begin(), constant.data.end());
  return crc32_of(bytes);
}

}  // namespace

std::vector<PortName> port_names(const std::string& name, const std::string& kind, size_t count) {
  std::vector<PortName> names;
  for (size_t i = 0; i < count; i++) {
    const std::string variable = count == 1 ? kind : fmt::format("{}_{}", kind, i);
    names.push_back({variable, upper_case(name + "_" + variable)});
  }
  return names;
}

std::string parameter_list(const Program& program, const std::string& name) {
  std::vector<std::string> parameters;
  const auto inputs = port_names(name, "input", program.inputs.size());
  for (size_t i = 0; i < inputs.size(); i++)
    parameters.push_back(
        fmt::format("const {} *{}", c_type_of(program.inputs[i].type.dtype), inputs[i].variable));
  const auto outputs = port_names(name, "output", program.outputs.size());
  for (size_t i = 0; i < outputs.size(); i++)
    parameters.push_back(
        fmt::format("{} *{}", c_type_of(program.outputs[i].type.dtype), outputs[i].variable));
  return fmt::format("{}", fmt::join(parameters, ", "));
}

TemplateData project_data(const Program& program, const EmitOptions& options) {
  TemplateData data;
  const PortLists ports = port_lists(program, options);
  const auto outputs = port_names(options.name, "output", program.outputs.size());
  data.set("name", options.name);
  data.set("NAME", upper_case(options.name));
  data.set("title", comment_text(program.name));
  data.set("device", comment_text(program.device));
  data.set("constant_bytes", fmt::to_string(constant_bytes(program)));
  data.set("arena_bytes", fmt::to_string(program.plan.peak_bytes));
  data.set("lower_bound_bytes", fmt::to_string(program.plan.lower_bound_bytes));
  data.set("ports", ports.all);
  data.set("inputs", ports.inputs);
  data.set("outputs", ports.outputs);
  data.set("parameters", parameter_list(program, options.name));
  data.set("arguments", fmt::format("{}", fmt::join(ports.arguments, ", ")));
  data.set("first_output", outputs.at(0).variable);
  data.set("FIRST_OUTPUT", outputs.at(0).macro);
  const TensorType& scores = program.outputs.at(0).type;
  data.set("single_output", TemplateData(element_count(scores.shape) == 1));
  data.set("threshold", threshold_literal(scores, options.decision_threshold));
  data.set("has_labels", TemplateData(!options.labels.empty()));
  data.set("label_count", fmt::to_string(options.labels.size()));
  data.set("sources", source_list(program, options));
  data.set("floats", TemplateData(sources_of(program).contains("runtime/exact_float.h")));
  data.set("has_self_test", TemplateData(options.self_test.has_value()));
  if (options.self_test) {
    data.set("crc", fmt::format("0x{:08X}", options.self_test->output_crc));
    data.set("constants_crc", fmt::format("0x{:08X}", crc_of_constants(program)));
  }
  return data;
}

}  // namespace mote::deploy
