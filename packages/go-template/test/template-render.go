// Renders templates with Go's own text/template: reads [{"template": …, "data": …}] and prints [{"output": …, "error": …}].
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"text/template"
)

type testCase struct {
	Template string      `json:"template"`
	Data     interface{} `json:"data"`
}

type outcome struct {
	Output string `json:"output"`
	Error  string `json:"error"`
}

// JSON knows one kind of number; Go prints integers and floats differently.
func integers(value interface{}) interface{} {
	switch v := value.(type) {
	case json.Number:
		if i, err := v.Int64(); err == nil {
			return int(i)
		}
		f, _ := v.Float64()
		return f
	case []interface{}:
		for i := range v {
			v[i] = integers(v[i])
		}
	case map[string]interface{}:
		for k := range v {
			v[k] = integers(v[k])
		}
	}
	return value
}

func render(c testCase) (result outcome) {
	defer func() {
		if r := recover(); r != nil {
			result.Error = fmt.Sprint(r)
		}
	}()
	t, err := template.New("test").Parse(c.Template)
	if err != nil {
		return outcome{Error: err.Error()}
	}
	var out strings.Builder
	if err := t.Execute(&out, integers(c.Data)); err != nil {
		return outcome{Error: err.Error()}
	}
	return outcome{Output: out.String()}
}

func main() {
	decoder := json.NewDecoder(os.Stdin)
	decoder.UseNumber()
	var cases []testCase
	if err := decoder.Decode(&cases); err != nil {
		panic(err)
	}
	outcomes := make([]outcome, 0, len(cases))
	for _, c := range cases {
		outcomes = append(outcomes, render(c))
	}
	json.NewEncoder(os.Stdout).Encode(outcomes)
}
