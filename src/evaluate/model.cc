#include "evaluate/model.h"

#include "base/file.h"
#include "base/gzip.h"
#include "evaluate/preprocess.h"
#include "formats/model_file.h"
#include "zoo/zoo.h"

namespace mote::evaluate {

bool is_zoo(const std::string& model) {
  return model.starts_with("zoo:");
}

Graph load_model(const std::string& model, uint64_t seed, const std::string& preprocess,
                 std::vector<std::string>* notes) {
  Graph graph = is_zoo(model) ? zoo::build(model, {.input = {}, .classes = 0, .seed = seed})
                              : formats::read_model(model, notes);
  const bool raw = graph.preprocessing.size() == 1 && graph.preprocessing[0].identity();
  if (!preprocess.empty() && !raw) set_preprocessing(graph, parse_preprocessing(preprocess));
  return graph;
}

FileSizes file_sizes(const std::string& model) {
  if (is_zoo(model)) return {};
  const Bytes bytes = read_file(model);
  return {static_cast<int64_t>(bytes.size()), static_cast<int64_t>(gzip(bytes).size())};
}

}  // namespace mote::evaluate
