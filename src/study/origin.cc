// The float networks of a study: trained here, or imported, then evaluated on the test split.
#include <fmt/format.h>

#include "base/error.h"
#include "evaluate/evaluate.h"
#include "evaluate/inspection.h"
#include "evaluate/model.h"
#include "evaluate/notes.h"
#include "evaluate/preprocess.h"
#include "formats/model_file.h"
#include "ir/npy.h"
#include "study/inputs.h"
#include "study/work.h"

namespace mote::study {
namespace {

// Of the file as it was written: what is compressed later is that.
Json written_and_evaluated(const Workplace& at, const Graph& graph) {
  const std::string path = at.file(kModel);
  formats::write_model(path, graph);
  const Graph model = formats::read_model(path);
  const datasets::Split& test = datasets::split_of(at.data, "test");
  const auto runner =
      evaluate::make_engine(evaluate::kDefaultEngine, model, {.threads = at.options.threads});
  const evaluate::Evaluation evaluation =
      evaluate::evaluate(*runner, model, test, 0, [&](int32_t done, int32_t total) {
        at.progress({static_cast<double>(done) / total, "testing"});
      });
  const auto samples = static_cast<int32_t>(evaluation.predictions.size());
  write_npy(at.file(kPredictions),
            {DType::int32, {samples}, to_bytes(std::span<const int32_t>(evaluation.predictions))});
  const evaluate::Inspection inspection = evaluate::inspect(model);
  const std::vector<std::string> notes = evaluate::notes_on(model, test, at.data.classes());
  const evaluate::Interval& interval = evaluation.metrics.top1_interval;
  Json json{{"parameters", inspection.parameters},
            {"macs", inspection.macs},
            {"file_bytes", evaluate::file_sizes(path).file_bytes},
            {"samples", samples},
            {"top1", evaluation.metrics.top1},
            {"top1_interval", {interval.low, interval.high}},
            {"model_sha256", file_sha256(path)}};
  if (!notes.empty()) json["notes"] = notes;
  for (const std::string& note : notes) at.log("note: " + note);
  return json;
}

Json history_of(const compress::TrainResult& result) {
  Json loss = Json::array(), validation = Json::array();
  for (const compress::EpochRecord& epoch : result.history) {
    loss.push_back(epoch.loss);
    validation.push_back(epoch.validation_top1);
  }
  return {{"loss", loss}, {"validation_top1", validation}};
}

// What the study says of the network's pixels; empty where it says nothing.
std::string preprocess_of(const Workplace& at) {
  return at.task.inputs.value("preprocess", std::string());
}

}  // namespace

Json run_train(const Workplace& at, Json& timing) {
  const compress::TrainOptions options = compress::train_options_of(at.task.inputs.at("training"));
  std::optional<Preprocessing> preprocessing;
  if (const std::string text = preprocess_of(at); !text.empty())
    preprocessing = evaluate::parse_preprocessing(text);
  const auto progress = [&](const compress::TrainProgress& p) {
    const double done = (p.epoch - 1 + static_cast<double>(p.step) / p.steps) / p.epochs;
    std::string note = fmt::format("epoch {} of {}, loss {:.3f}", p.epoch, p.epochs, p.loss);
    if (p.validation_top1) {
      note += fmt::format(", validation top-1 {:.2f} %", 100 * *p.validation_top1);
    }
    at.progress({done, note});
    if (!p.epoch_over) return;
    at.log(note);
    timing["epochs"] = timing.value("epochs", 0) + 1;
    at.store.write_timing(at.task.hash, timing);
  };
  const compress::TrainResult result =
      compress::train_network(at.task.inputs.at("network"), at.data, options,
                              {at.file(kCheckpoint), /*resume=*/true}, progress, preprocessing);
  Json json = written_and_evaluated(at, result.graph);
  json["training"] = compress::json_of(result.options);
  json["history"] = history_of(result);
  return json;
}

Json run_import(const Workplace& at) {
  const std::string source = at.task.sources.at("model");
  if (file_sha256(source) != at.task.inputs.at("model_sha256"))
    throw Error(ErrorKind::invalid_input, "the model is not what the study was planned with",
                source, "start the study again, or bring back what it was");
  return written_and_evaluated(at, evaluate::load_model(source, 1, preprocess_of(at)));
}

}  // namespace mote::study
