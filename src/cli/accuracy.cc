#include "cli/accuracy.h"

#include <fmt/format.h>

#include "cli/progress.h"
#include "evaluate/json.h"

namespace mote::cli {

evaluate::Evaluation evaluate_model(const Common& common, const Graph& graph,
                                    const std::string& engine, const datasets::Split& split,
                                    int32_t limit) {
  ProgressBar bar(common, "evaluating " + graph.name);
  const auto runner = evaluate::make_engine(engine, graph, {.threads = common.threads});
  return evaluate::evaluate(*runner, graph, split, limit,
                            [&](int32_t done, int32_t total) { bar.show(done, total); });
}

Json fields_of(const evaluate::Evaluation& evaluation,
               const std::vector<std::string>& class_names) {
  const evaluate::Metrics& m = evaluation.metrics;
  Json per_class = Json::array();
  for (size_t c = 0; c < m.per_class.size(); c++)
    per_class.push_back({{"class", datasets::class_name(class_names, c)},
                         {"samples", m.per_class[c].samples},
                         {"precision", m.per_class[c].precision},
                         {"recall", m.per_class[c].recall},
                         {"f1", m.per_class[c].f1}});
  Json fields = evaluate::json_of(m);
  fields["per_class"] = per_class;
  fields["seconds"] = evaluation.seconds;
  fields["inferences_per_second"] = evaluation.inferences_per_second();
  return fields;
}

std::string per_class_table(const evaluate::Metrics& metrics,
                            const std::vector<std::string>& class_names) {
  Table table({"class", "samples", "precision", "recall", "F1"});
  for (size_t c = 0; c < metrics.per_class.size(); c++) {
    const evaluate::ClassMetrics& of_class = metrics.per_class[c];
    table.add({datasets::class_name(class_names, c), grouped(of_class.samples),
               percent(of_class.precision), percent(of_class.recall), percent(of_class.f1)});
  }
  return table.text();
}

std::string top1_text(const evaluate::Metrics& metrics) {
  return fmt::format("{} ({:.2f} to {:.2f})", percent(metrics.top1),
                     100 * metrics.top1_interval.low, 100 * metrics.top1_interval.high);
}

}  // namespace mote::cli
