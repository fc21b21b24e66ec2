#include "cli/model.h"

#include <algorithm>
#include <filesystem>

#include "datasets/gzip.h"
#include "formats/model_file.h"
#include "ir/error.h"
#include "ir/file.h"
#include "zoo/zoo.h"

namespace mote::cli {
namespace {

bool is_zoo(const std::string& model) {
  return model.starts_with("zoo:");
}

}  // namespace

Graph load_model(const std::string& model, uint64_t seed) {
  return is_zoo(model) ? zoo::build(model, {.input = {}, .classes = 0, .seed = seed})
                       : formats::read_model(model);
}

std::string default_engine(const Graph& graph) {
  const bool all_float = std::ranges::all_of(graph.values, [](const Value& value) {
    return value.constant() || value.type.dtype == DType::float32;
  });
  return all_float && graph.inputs.size() == 1 && graph.outputs.size() == 1 ? "float" : "native";
}

FileSizes file_sizes(const std::string& model) {
  if (is_zoo(model)) return {};
  const Bytes bytes = read_file(model);
  return {static_cast<int64_t>(bytes.size()), static_cast<int64_t>(datasets::gzip(bytes).size())};
}

void check_model_output(const std::string& path) {
  if (!path.ends_with(".tflite") && !path.ends_with(".mote"))
    throw Error(ErrorKind::usage, "a model is written as .tflite or .mote", path);
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (!folder.empty() && !std::filesystem::is_directory(folder))
    throw Error(ErrorKind::usage, "no such folder", folder.string(), "create it first");
}

}  // namespace mote::cli
