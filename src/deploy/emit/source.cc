// The data of NAME.c.
#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/ascii.h"
#include "base/error.h"
#include "deploy/emit/literals.h"
#include "deploy/emit/names.h"
#include "deploy/emit/project.h"
#include "deploy/emit/sources.h"
#include "deploy/storage/channels.h"
#include "deploy/storage/storage.h"
#include "ops/kernel.h"

namespace mote::deploy {
namespace {

// The fields of its mote_weights, in their order.
std::string weights_initializer(const Constant& constant, const std::string& symbol) {
  const Storage& storage = storage_of(constant);
  const WeightLayout& layout = constant.layout;
  return fmt::format("{{{}_data, {}, {}, {}, {}, {}, {}, {}, {}}}", symbol, storage.name,
                     decoder_of(constant), layout.outer, layout.channels, layout.inner, layout.run,
                     layout.tile_channels, layout.tile_offset_bytes);
}

bool is_binary(const Constant& constant, const EmitOptions& options) {
  return options.binary_from_bytes > 0 && std::ssize(constant.data) >= options.binary_from_bytes;
}

// "int8[1, 32, 32, 3]", without the quantization.
std::string short_type(const TensorType& type) {
  return fmt::format("{}{}", name_of(type.dtype), to_string(type.shape));
}

// Converters name a fused layer "scope/a/Conv2D;scope/b/BiasAdd": two parts of the first path say
// enough, and the whole name stands in the comments.
std::string short_name(const std::string& origin) {
  const std::string path = origin.substr(0, origin.find(';'));
  size_t cut = path.rfind('/');
  if (cut != path.npos && cut > 0) cut = path.rfind('/', cut - 1);
  return cut == path.npos ? path : path.substr(cut + 1);
}

// Names and texts of one program's NAME.c. Behind the names of constants and calls stands what
// they are, _data, _stored, _params or _rows: no two kinds have a name in common, nor has the C
// world.
class Source {
 public:
  Source(const Program& program, const EmitOptions& options)
      : program_(program), options_(options) {
    const std::string& name = options.name;
    UniqueNames constants, calls, rows;
    for (size_t i = 0; i < program.constants.size(); i++)
      constants_.push_back(name + "_" + constants.unique(c_identifier(constant_name(i))));
    for (const Call& call : program.calls)
      calls_.push_back(name + "_" + calls.unique(c_identifier(short_name(call.origin))));
    for (const Call& call : program.calls)
      for (const Operand& operand : call.operands)
        if (!operand.slots.empty() && !slots_.contains(operand.slots))
          slots_[operand.slots] =
              name + "_" + rows.unique(c_identifier(short_name(call.origin))) + "_rows";
    for (const auto& port : port_names(name, "input", program.inputs.size()))
      inputs_.push_back(port.variable);
    for (const auto& port : port_names(name, "output", program.outputs.size()))
      outputs_.push_back(port.variable);
  }

  TemplateData constants() const {
    std::set<int32_t> weights;
    for (const Call& call : program_.calls)
      for (const Operand& operand : call.operands)
        if (operand.space == Space::weights) weights.insert(operand.index);
    TemplateData list{TemplateData::type::list};
    for (size_t i = 0; i < program_.constants.size(); i++) {
      const Constant& constant = program_.constants[i];
      const bool binary = is_binary(constant, options_);
      const auto size = static_cast<size_t>(size_of(constant.type.dtype));
      TemplateData data;
      data.set("title", comment_text(constant.name));
      data.set("type", short_type(constant.type));
      data.set("c_type", std::string(c_type_of(constant.type.dtype)));
      data.set("symbol", constants_[i]);
      data.set("elements", fmt::to_string(constant.data.size() / size));
      data.set("binary", TemplateData(binary));
      if (!binary)
        data.set("values", wrapped(element_literals(constant.type.dtype, constant.data)));
      data.set("weights", TemplateData(weights.contains(static_cast<int32_t>(i))));
      data.set("initializer", weights_initializer(constant, constants_[i]));
      list.push_back(data);
    }
    return list;
  }

  // The binary ones, one behind the other as binary_constants has them.
  TemplateData symbols() const {
    TemplateData list{TemplateData::type::list};
    size_t offset = 0;
    for (size_t i = 0; i < program_.constants.size(); i++) {
      const Constant& constant = program_.constants[i];
      if (!is_binary(constant, options_)) continue;
      TemplateData data;
      data.set("symbol", constants_[i]);
      data.set("alignment", fmt::to_string(std::max<int64_t>(4, size_of(constant.type.dtype))));
      data.set("offset", fmt::to_string(offset));
      data.set("bytes", fmt::to_string(constant.data.size()));
      list.push_back(data);
      offset += constant.data.size();
    }
    return list;
  }

  TemplateData calls() const {
    TemplateData list{TemplateData::type::list};
    for (size_t i = 0; i < program_.calls.size(); i++) {
      TemplateData data;
      data.set("params_type", std::string(program_.calls[i].params.type->name));
      data.set("symbol", calls_[i]);
      data.set("fields", wrapped(field_initializers(program_.calls[i].params)));
      list.push_back(data);
    }
    return list;
  }

  TemplateData slots() const {
    TemplateData list{TemplateData::type::list};
    for (const auto& [offsets, symbol] : slots_) {
      std::vector<std::string> literals;
      for (const int32_t offset : offsets) literals.push_back(fmt::to_string(offset));
      TemplateData data;
      data.set("symbol", symbol);
      data.set("rows", fmt::to_string(offsets.size()));
      data.set("values", wrapped(literals));
      list.push_back(data);
    }
    return list;
  }

  // Ports that no step reads: an argument that the model ignores.
  TemplateData unread() const {
    std::set<int32_t> read;
    for (const Call& call : program_.calls)
      for (const Operand& operand : call.operands)
        if (operand.space == Space::input) read.insert(operand.index);
    TemplateData list{TemplateData::type::list};
    for (size_t i = 0; i < inputs_.size(); i++) {
      if (read.contains(static_cast<int32_t>(i))) continue;
      TemplateData data;
      data.set("input", inputs_[i]);
      list.push_back(data);
    }
    return list;
  }

  TemplateData steps() const {
    TemplateData list{TemplateData::type::list};
    for (const Step& step : program_.schedule) {
      const auto index = static_cast<size_t>(step.call);
      const Call& call = program_.calls.at(index);
      TemplateData operands{TemplateData::type::list};
      for (const Operand& operand : call.operands) {
        TemplateData data;
        data.set("operand", initializer(operand));
        operands.push_back(data);
      }
      TemplateData data;
      data.set("title", comment_text(call.origin));
      data.set("signature", signature(call));
      data.set("unpacking", unpacking(call));
      data.set("operands", operands);
      data.set("function", std::string(find_kernel(call.kernel, call.variant).function));
      data.set("symbol", calls_[index]);
      data.set("row_begin", fmt::to_string(step.row_begin));
      data.set("row_end", fmt::to_string(step.row_end));
      list.push_back(data);
    }
    return list;
  }

 private:
  // The constant's name with the short name of the layer that reads it first.
  std::string constant_name(size_t index) const {
    const std::string& name = program_.constants[index].name;
    for (const Call& call : program_.calls)
      for (const Operand& operand : call.operands) {
        const bool reads = operand.space == Space::constant || operand.space == Space::weights ||
                           operand.space == Space::unpacked;
        if (reads && operand.index == static_cast<int32_t>(index) && name.starts_with(call.origin))
          return short_name(call.origin) + name.substr(call.origin.size());
      }
    return short_name(name);
  }

  // "int8[1, 32, 32, 3] -> int8[1, 32, 32, 16]": the activations of a call.
  static std::string signature(const Call& call) {
    std::vector<std::string> activations;
    const auto last = call.operands.end() - (call.scratch_bytes > 0 ? 1 : 0);
    for (auto operand = call.operands.begin(); operand != last; ++operand)
      if (operand->space != Space::none && operand->space != Space::constant &&
          operand->space != Space::weights && operand->space != Space::unpacked)
        activations.push_back(short_type(operand->type));
    if (activations.size() < 2) return fmt::format("{}", fmt::join(activations, ""));
    const std::string result = activations.back();
    activations.pop_back();
    return fmt::format("{} -> {}", fmt::join(activations, ", "), result);
  }

  TemplateData unpacking(const Call& call) const {
    const std::optional<Unpacking> of_call = unpacking_of(call);
    if (!of_call) return TemplateData(false);
    TemplateData data;
    data.set("packed", constants_.at(static_cast<size_t>(of_call->constant)) + "_data");
    data.set("channels", fmt::to_string(of_call->channels));
    data.set("offset_bytes", fmt::to_string(of_call->offset_bytes));
    return data;
  }

  // "{.data = memory + 64, .row_stride_bytes = 512, .image_rows = 8}"
  static std::string operand_of(const Operand& operand, std::string_view member,
                                const std::string& place) {
    if (operand.row_stride_bytes == 0 && operand.image_rows == 0)
      return fmt::format("{{.{} = {}}}", member, place);
    return fmt::format("{{.{} = {}, .row_stride_bytes = {}, .image_rows = {}}}", member, place,
                       operand.row_stride_bytes, operand.image_rows);
  }

  std::string initializer(const Operand& operand) const {
    const auto index = static_cast<size_t>(operand.index);
    switch (operand.space) {
      case Space::none:
        return "{.data = NULL}";
      case Space::constant:
        return operand_of(operand, "constant", constants_.at(index) + "_data");
      case Space::weights:
        return operand_of(operand, "weights", fmt::format("&{}_stored", constants_.at(index)));
      case Space::arena:
        if (!operand.slots.empty())
          return fmt::format("{{.slots = &(const mote_slots){{memory, {}}}}}",
                             slots_.at(operand.slots));
        return operand_of(operand, "data", fmt::format("memory + {}", operand.offset_bytes));
      case Space::unpacked:
        return operand_of(operand, "constant", fmt::format("memory + {}", operand.offset_bytes));
      case Space::input:
        return operand_of(operand, "constant", inputs_.at(index));
      case Space::output:
        return operand_of(operand, "data", outputs_.at(index));
    }
    throw Error(ErrorKind::internal, "operand space without a form in C");
  }

  const Program& program_;
  const EmitOptions& options_;
  std::vector<std::string> constants_, calls_, inputs_, outputs_;  // C names, by index
  std::map<std::vector<int32_t>, std::string> slots_;              // C names, by content
};

bool uses_arena(const Program& program) {
  for (const Call& call : program.calls)
    for (const Operand& operand : call.operands)
      if (operand.space == Space::arena || operand.space == Space::unpacked) return true;
  return false;
}

TemplateData include_list(const Program& program) {
  std::set<std::string> paths = {"runtime/operand.h"};
  for (const Call& call : program.calls)
    paths.insert(kernel_header(find_kernel(call.kernel, call.variant).source));
  for (const Call& call : program.calls)
    if (unpacking_of(call)) paths.insert(kUnpackerHeader);
  for (const Constant& constant : program.constants)
    if (const Storage& storage = storage_of(constant); !storage.header.empty())
      paths.insert(std::string(storage.header));
  TemplateData list{TemplateData::type::list};
  for (const std::string& path : paths) {
    TemplateData include;
    include.set("path", path);
    list.push_back(include);
  }
  return list;
}

}  // namespace

std::string binary_constants(const Program& program, const EmitOptions& options) {
  std::string bytes;
  for (const Constant& constant : program.constants)
    if (is_binary(constant, options)) bytes.append(constant.data.begin(), constant.data.end());
  return bytes;
}

TemplateData symbol_data(const Program& program, const EmitOptions& options) {
  TemplateData data;
  data.set("name", options.name);
  data.set("constants", Source(program, options).symbols());
  return data;
}

TemplateData source_data(const Program& program, const EmitOptions& options) {
  const Source source(program, options);
  std::vector<std::string> labels;
  for (const std::string& label : options.labels) labels.push_back(string_literal(label));
  TemplateData data;
  data.set("name", options.name);
  data.set("NAME", upper_case(options.name));
  data.set("includes", include_list(program));
  data.set("arena_use", uses_arena(program) ? "uint8_t *const memory = arena;" : "(void)arena;");
  data.set("unread", source.unread());
  data.set("constants", source.constants());
  data.set("has_constants", TemplateData(!program.constants.empty()));
  data.set("has_self_test", TemplateData(options.self_test.has_value()));
  data.set("calls", source.calls());
  data.set("slots", source.slots());
  data.set("steps", source.steps());
  data.set("has_labels", TemplateData(!labels.empty()));
  data.set("labels", wrapped(labels));
  data.set("parameters", parameter_list(program, options.name));
  return data;
}

}  // namespace mote::deploy
