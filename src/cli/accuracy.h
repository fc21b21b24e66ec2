// Evaluations as verbs print them.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/output.h"
#include "datasets/dataset.h"
#include "evaluate/evaluate.h"

namespace mote::cli {

// With a progress bar.
evaluate::Evaluation evaluate_model(const Common& common, const Graph& graph,
                                    const std::string& engine, const datasets::Split& split,
                                    int32_t limit);

Json fields_of(const evaluate::Evaluation& evaluation, const std::vector<std::string>& class_names);
std::string per_class_table(const evaluate::Metrics& metrics,
                            const std::vector<std::string>& class_names);
// "92.31 % (91.77 to 92.82)"
std::string top1_text(const evaluate::Metrics& metrics);

}  // namespace mote::cli
