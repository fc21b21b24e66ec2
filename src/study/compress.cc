// A recipe applied to a float network of the study.
#include "compress/compress.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/gzip.h"
#include "compress/prune/prune.h"
#include "evaluate/inspection.h"
#include "evaluate/model.h"
#include "formats/model_file.h"
#include "ir/mote_file.h"
#include "study/inputs.h"
#include "study/work.h"

namespace mote::study {
namespace {

// What another recipe has made by the first steps of this one.
std::optional<compress::Begun> begun_of(const Workplace& at) {
  if (!at.task.sources.contains("begin")) return std::nullopt;
  const std::string hash = at.task.sources.at("begin");
  const auto record = at.store.record(hash);
  const std::string path = at.store.file(hash, kGraph);
  if (!record || record->value("status", "") != "done" ||
      record->at("result").at("graph_sha256") != file_sha256(path))
    return std::nullopt;  // its folder was copied without the graph: all steps are taken here
  return compress::Begun{read_mote_file(path).graph,
                         static_cast<int32_t>(record->at("result").at("steps").size())};
}

compress::CompressOptions options_of(const Workplace& at) {
  compress::CompressOptions options{.seed = at.task.inputs.at("seed").get<uint64_t>()};
  if (!at.task.inputs.contains("training")) return options;
  options.training = compress::train_options_of(at.task.inputs.at("training"));
  options.checkpoint = {at.file(kCheckpoint), /*resume=*/true};
  options.progress = [&at](const compress::CompressProgress& p) {
    const compress::TrainProgress& t = p.training;
    if (t.epochs == 0) return at.progress({(p.step - 1 + p.done) / p.steps, p.what});
    const double epochs = (t.epoch - 1 + static_cast<double>(t.step) / t.steps) / t.epochs;
    const std::string note = fmt::format("step {} of {}, {}: epoch {} of {}, loss {:.3f}", p.step,
                                         p.steps, p.what, t.epoch, t.epochs, t.loss);
    at.progress({(p.step - 1 + epochs) / p.steps, note});
    if (t.epoch_over) at.log(note);
  };
  options.begun = begun_of(at);
  return options;
}

// By layer; columns, as a measurement's.
Json layers_json(const Graph& graph) {
  Json name = Json::array(), weights = Json::array(), zeros = Json::array();
  for (const compress::Sparsity& layer : compress::sparsity_by_layer(graph)) {
    name.push_back(layer.layer);
    weights.push_back(layer.weights);
    zeros.push_back(layer.zeros);
  }
  return {{"name", name}, {"weights", weights}, {"zeros", zeros}};
}

}  // namespace

Json run_compress(const Workplace& at) {
  const std::string source = at.task.sources.at("recipe");
  const compress::Recipe recipe = compress::load_recipe(source);
  const Json& planned = at.task.inputs.at("recipe");
  if (recipe_json(recipe) != planned)
    throw Error(ErrorKind::invalid_input,
                "the recipe, or a teacher that it names, is not what the study was planned with",
                source, "start the study again, or bring back what it was");
  compress::CompressOptions options = options_of(at);
  Json found_bits;
  options.found_bits = [&](const compress::MixedBits& found) {
    found_bits = compress::json_of(found);
  };
  Json found_technique;
  options.found_technique = [&](const compress::ChosenTechnique& found) {
    found_technique = compress::json_of(found);
  };
  const Graph graph =
      compress::compress(open_model(at, at.origin()), recipe, at.data.train, options);
  const std::string path = at.file(kModel);
  formats::write_model(path, graph);
  const evaluate::FileSizes sizes = evaluate::file_sizes(path);
  Json json{
      {"scheme", name_of(recipe.scheme())}, {"parameters", evaluate::inspect(graph).parameters},
      {"file_bytes", sizes.file_bytes},     {"gzip_bytes", sizes.gzip_bytes},
      {"model_sha256", file_sha256(path)},  {"steps", planned.at("steps")}};
  if (recipe.trains()) {
    write_mote_file(at.file(kGraph), graph);
    json["graph_sha256"] = file_sha256(at.file(kGraph));
  }
  if (!found_bits.is_null()) json["found_bits"] = std::move(found_bits);
  if (!found_technique.is_null()) json["found_technique"] = std::move(found_technique);
  if (recipe.prunes()) json["layers"] = layers_json(graph);
  return json;
}

}  // namespace mote::study
