#include "report/schema.h"

#include <algorithm>
#include <cmath>

namespace mote::report {
namespace {

enum class Kind {
  text,
  flag,
  count,  // a whole number >= 0
  number,
  fraction,  // 0 to 1
  interval,  // two numbers, the smaller first
  scalars,   // an object of texts, numbers and flags
  steps,     // a list of those
  texts,
  counts,
  numbers,    // null where there is none
  fractions,  // as well
  matrix,     // square, of counts
};

struct Field {
  const char* key;
  Kind kind;
  enum Need { optional, required } need = required;
};

struct Part {
  const char* key;
  Field::Need need = Field::required;
  std::vector<Field> fields;
  std::vector<Part> parts = {};
  // Fields that are lists of one length, useless without each other; the optional ones among them
  // may be missing.
  std::vector<const char*> columns = {};
};

constexpr auto optional = Field::optional;

const std::vector<Field> kHead{{"version", Kind::text}, {"commit", Kind::text}};
const std::vector<Field> kCell{
    {"network", Kind::text, optional},   {"data", Kind::text, optional},
    {"synthetic", Kind::flag, optional}, {"seed", Kind::count, optional},
    {"recipe", Kind::text, optional},    {"device", Kind::text, optional}};
const std::vector<Field> kInputs{{"train", Kind::text, optional},
                                 {"import", Kind::text, optional},
                                 {"validation_fraction", Kind::number, optional},
                                 {"compress", Kind::text, optional},
                                 {"data_sha256", Kind::text, optional}};

// What every record has; kResults has what depends on the task.
const Part kCellPart{"cell", Field::required, kCell};
const Part kInputsPart{"inputs", Field::required, kInputs};
const Part kErrorPart{"error",
                      Field::required,
                      {{"kind", Kind::text},
                       {"message", Kind::text},
                       {"where", Kind::text, optional},
                       {"hint", Kind::text, optional}}};

const std::vector<Field> kFloatModel{{"parameters", Kind::count},
                                     {"macs", Kind::count},
                                     {"file_bytes", Kind::count},
                                     {"samples", Kind::count},
                                     {"top1", Kind::fraction},
                                     {"top1_interval", Kind::interval},
                                     {"training", Kind::scalars, optional},
                                     {"notes", Kind::texts, optional}};
const Part kHistory{
    "history", optional, {{"loss", Kind::numbers}, {"validation_top1", Kind::numbers, optional}}};

const Part kModel{"model",
                  Field::required,
                  {{"scheme", Kind::text},
                   {"parameters", Kind::count},
                   {"macs", Kind::count},
                   {"sparsity", Kind::fraction, optional},
                   {"file_bytes", Kind::count},
                   {"gzip_bytes", Kind::count}}};
const Part kEvaluation{"evaluation",
                       Field::required,
                       {{"engine", Kind::text},
                        {"split", Kind::text, optional},
                        {"samples", Kind::count},
                        {"top1", Kind::fraction},
                        {"top1_interval", Kind::interval},
                        {"macro_precision", Kind::fraction},
                        {"macro_recall", Kind::fraction},
                        {"macro_f1", Kind::fraction},
                        {"classes", Kind::texts},
                        {"precision", Kind::fractions},
                        {"recall", Kind::fractions},
                        {"f1", Kind::fractions},
                        {"support", Kind::counts},
                        {"confusion", Kind::matrix},
                        {"baseline_top1", Kind::fraction, optional},
                        {"mcnemar_p", Kind::fraction, optional},
                        {"mcnemar_method", Kind::text, optional},
                        {"notes", Kind::texts, optional}},
                       {},
                       {"classes", "precision", "recall", "f1", "support", "confusion"}};
const Part kFirmware{"firmware",
                     Field::required,
                     {{"device", Kind::text},
                      {"description", Kind::text, optional},
                      {"clock_hz", Kind::number, optional},
                      {"fits", Kind::flag},
                      {"reason", Kind::text, optional},
                      {"not_run", Kind::text, optional},
                      {"constant_bytes", Kind::count, optional},
                      {"value_bytes", Kind::count, optional},
                      {"mask_bytes", Kind::count, optional},
                      {"bias_bytes", Kind::count, optional},
                      {"other_bytes", Kind::count, optional},
                      {"code_bytes", Kind::count, optional},
                      {"compiler", Kind::text, optional},
                      {"flash_bytes", Kind::count, optional},
                      {"flash_limit_bytes", Kind::count, optional},
                      {"flash_over_bytes", Kind::count, optional},
                      {"arena_bytes", Kind::count, optional},
                      {"static_bytes", Kind::count, optional},
                      {"stack_bytes", Kind::count, optional},
                      {"ram_bytes", Kind::count, optional},
                      {"ram_limit_bytes", Kind::count, optional},
                      {"ram_over_bytes", Kind::count, optional},
                      {"external_memory", Kind::text, optional},
                      {"instructions", Kind::count, optional},
                      {"ran_on", Kind::text, optional},
                      {"emulator", Kind::text, optional},
                      {"outputs_equal", Kind::flag, optional},
                      {"samples", Kind::count, optional},
                      {"mix", Kind::scalars, optional},
                      {"cycles_modelled", Kind::interval, optional},
                      {"milliseconds_modelled", Kind::interval, optional},
                      {"energy_estimated_uj", Kind::interval, optional},
                      {"energy_source", Kind::text, optional}}};
const Part kLayers{"layers",
                   optional,
                   {{"name", Kind::texts},
                    {"op", Kind::texts},
                    {"macs", Kind::counts},
                    {"weight_bytes", Kind::counts},
                    {"instructions", Kind::numbers, optional},
                    {"weights", Kind::numbers, optional},
                    {"zeros", Kind::numbers, optional},
                    {"snr_db", Kind::numbers, optional},
                    {"value_bytes", Kind::counts, optional},
                    {"mask_bytes", Kind::counts, optional},
                    {"bias_bytes", Kind::counts, optional},
                    {"other_bytes", Kind::counts, optional}},
                   {},
                   {"name", "op", "macs", "weight_bytes", "instructions", "weights", "zeros",
                    "snr_db", "value_bytes", "mask_bytes", "bias_bytes", "other_bytes"}};
const Part kBuffers{"buffers",
                    Field::required,
                    {{"name", Kind::texts},
                     {"size_bytes", Kind::counts},
                     {"offset_bytes", Kind::counts},
                     {"first_use", Kind::counts},
                     {"last_use", Kind::counts}},
                    {},
                    {"name", "size_bytes", "offset_bytes", "first_use", "last_use"}};
const Part kMemoryPlan{
    "memory_plan",
    optional,
    {{"peak_bytes", Kind::count}, {"lower_bound_bytes", Kind::count}, {"steps", Kind::count}},
    {kBuffers}};

const std::vector<std::pair<std::string, Part>> kResults{
    {"train", {"result", Field::required, kFloatModel, {kHistory}}},
    {"import", {"result", Field::required, kFloatModel}},
    {"compress",
     {"result",
      Field::required,
      {{"scheme", Kind::text},
       {"parameters", Kind::count},
       {"file_bytes", Kind::count},
       {"gzip_bytes", Kind::count},
       {"steps", Kind::steps}}}},
    {"measure",
     {"result", Field::required, {}, {kModel, kEvaluation, kFirmware, kLayers, kMemoryPlan}}}};

const std::vector<Field> kTiming{{"seconds", Kind::number}};
const std::vector<Part> kTimingParts{
    {"machine",
     optional,
     {{"cpu", Kind::text}, {"cores", Kind::count, optional}, {"system", Kind::text, optional}}},
    {"latency",
     optional,
     {{"engine", Kind::text},
      {"threads", Kind::count, optional},
      {"runs", Kind::count, optional},
      {"median_us", Kind::number},
      {"p10_us", Kind::number, optional},
      {"p90_us", Kind::number, optional}}}};

bool is_count(const Json& value) {
  constexpr uint64_t kExact = uint64_t{1} << 53;  // beyond, a page's numbers lose digits
  return value.is_number_unsigned() && value.get<uint64_t>() <= kExact;
}
bool is_number(const Json& value) {
  return value.is_number() && std::isfinite(value.get<double>());
}
bool is_fraction(const Json& value) {
  return is_number(value) && value.get<double>() >= 0 && value.get<double>() <= 1;
}
bool is_text(const Json& value) {
  return value.is_string();
}
bool is_number_or_null(const Json& value) {
  return value.is_null() || is_number(value);
}
bool is_fraction_or_null(const Json& value) {
  return value.is_null() || is_fraction(value);
}
bool is_scalars(const Json& value) {
  return value.is_object() &&
         std::ranges::all_of(value, [](const Json& entry) { return entry.is_primitive(); });
}

// Of a recipe: its keys, some of which are tables.
bool is_step(const Json& value) {
  return value.is_object() && std::ranges::all_of(value, [](const Json& entry) {
           return entry.is_primitive() || is_scalars(entry);
         });
}

bool all_of(const Json& list, bool (*fits)(const Json&)) {
  return list.is_array() && std::ranges::all_of(list, fits);
}
bool is_matrix(const Json& value) {
  return value.is_array() && std::ranges::all_of(value, [&](const Json& row) {
           return all_of(row, is_count) && row.size() == value.size();
         });
}
bool is_interval(const Json& value) {
  return all_of(value, is_number) && value.size() == 2 &&
         value[0].get<double>() <= value[1].get<double>();
}

bool is(Kind kind, const Json& value) {
  switch (kind) {
    case Kind::text:
      return is_text(value);
    case Kind::flag:
      return value.is_boolean();
    case Kind::count:
      return is_count(value);
    case Kind::number:
      return is_number(value);
    case Kind::fraction:
      return is_fraction(value);
    case Kind::interval:
      return is_interval(value);
    case Kind::scalars:
      return is_scalars(value);
    case Kind::steps:
      return all_of(value, is_step);
    case Kind::texts:
      return all_of(value, is_text);
    case Kind::counts:
      return all_of(value, is_count);
    case Kind::numbers:
      return all_of(value, is_number_or_null);
    case Kind::fractions:
      return all_of(value, is_fraction_or_null);
    case Kind::matrix:
      return is_matrix(value);
  }
  return false;
}

const char* expectation(Kind kind) {
  switch (kind) {
    case Kind::text:
      return "is not a text";
    case Kind::flag:
      return "is not true or false";
    case Kind::count:
      return "is not a whole number from 0";
    case Kind::number:
      return "is not a number";
    case Kind::fraction:
      return "is not a number from 0 to 1";
    case Kind::interval:
      return "is not two numbers, the smaller first";
    case Kind::scalars:
      return "is not an object of plain values";
    case Kind::steps:
      return "is not a list of steps, objects of plain values and of tables of such";
    case Kind::texts:
      return "is not a list of texts";
    case Kind::counts:
      return "is not a list of whole numbers from 0";
    case Kind::numbers:
      return "is not a list of numbers";
    case Kind::fractions:
      return "is not a list of numbers from 0 to 1";
    case Kind::matrix:
      return "is not a square matrix of whole numbers from 0";
  }
  return "";
}

class Cleaner {
 public:
  Cleaner(const std::string& file, std::vector<Problem>& problems)
      : file_(file), problems_(problems) {}

  void complain(const std::string& key, const std::string& message) {
    problems_.push_back({file_, key, message});
  }

  void copy(const Json& from, const std::vector<Field>& fields, const std::string& path, Json& to) {
    for (const Field& field : fields) {
      const std::string key = path + "/" + field.key;
      const auto found = from.find(field.key);
      // Writers say "there is none" by leaving the key out or by null.
      if (found == from.end() || (found->is_null() && field.need == optional)) {
        if (field.need == Field::required) complain(key, "is missing");
      } else if (!is(field.kind, *found)) {
        complain(key, expectation(field.kind));
      } else {
        to[field.key] = *found;
      }
    }
  }

  // Adds the part to `to` as far as it can be used.
  void copy(const Json& from, const Part& part, const std::string& path, Json& to) {
    const std::string key = path + "/" + part.key;
    const auto found = from.find(part.key);
    if (found == from.end() || found->is_null()) {
      if (part.need == Field::required) complain(key, "is missing");
      return;
    }
    if (!found->is_object()) return complain(key, "is not an object");
    Json result = Json::object();
    copy(*found, part.fields, key, result);
    for (const Part& inner : part.parts) copy(*found, inner, key, result);
    drop_unequal_columns(part, key, result);
    to[part.key] = std::move(result);
  }

 private:
  void drop_unequal_columns(const Part& part, const std::string& path, Json& result) {
    if (part.columns.empty()) return;
    const auto first = result.find(part.columns[0]);
    bool whole = first != result.end();
    for (const Field& field : part.fields) {
      if (std::ranges::find(part.columns, std::string_view(field.key), [](const char* name) {
            return std::string_view(name);
          }) == part.columns.end())
        continue;
      const auto column = result.find(field.key);
      if (column == result.end()) {
        whole = whole && field.need == optional;
      } else if (first != result.end() && column->size() != first->size()) {
        complain(path + "/" + field.key, std::string("has another length than ") + part.columns[0]);
        whole = false;
      }
    }
    if (!whole)
      for (const char* name : part.columns) result.erase(name);
  }

  const std::string& file_;
  std::vector<Problem>& problems_;
};

// The text at a key, empty where there is none.
std::string text_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

}  // namespace

Json clean_record(const Json& from, const std::string& file, std::vector<Problem>& problems) {
  Cleaner cleaner(file, problems);
  const auto fail = [&](const char* key, const char* message) {
    cleaner.complain(key, message);
    return Json();
  };
  if (!from.is_object()) return fail("", "is not an object");
  if (text_at(from, "schema") != "mote.task/1") return fail("/schema", "is not mote.task/1");
  const std::string task = text_at(from, "task"), status = text_at(from, "status");
  const auto shape = std::ranges::find_if(kResults, [&](const auto& r) { return r.first == task; });
  if (shape == kResults.end()) return fail("/task", "is not train, import, compress or measure");
  if (status != "done" && status != "failed") return fail("/status", "is not done or failed");

  Json record{{"task", task}, {"status", status}};
  cleaner.copy(from, kHead, "", record);
  cleaner.copy(from, kCellPart, "", record);
  cleaner.copy(from, kInputsPart, "", record);
  cleaner.copy(from, status == "done" ? shape->second : kErrorPart, "", record);
  if (!record.contains("cell")) return Json();
  return record;
}

Json clean_timing(const Json& from, const std::string& file, std::vector<Problem>& problems) {
  Cleaner cleaner(file, problems);
  if (!from.is_object() || text_at(from, "schema") != "mote.timing/1") {
    cleaner.complain("/schema", "is not mote.timing/1");
    return Json();
  }
  Json timing = Json::object();
  cleaner.copy(from, kTiming, "", timing);
  for (const Part& part : kTimingParts) cleaner.copy(from, part, "", timing);
  return timing;
}

}  // namespace mote::report
