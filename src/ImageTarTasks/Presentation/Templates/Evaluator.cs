using System.Globalization;
using System.Text;

namespace ImageTarTasks.Presentation.Templates;

/// <summary>Carries a template out. Recursion follows the nesting of the template, which the parser bounds.</summary>
internal sealed class Evaluator(string source, object? data, bool forHeading)
{
    /// <summary>The most text one execution makes: <c>range</c> over numbers must not fill the memory.</summary>
    private const int MaxOutput = 64 * 1024 * 1024;

    private readonly StringBuilder _output = new();
    private readonly List<KeyValuePair<string, object?>> _variables = [KeyValuePair.Create("$", data)];

    private enum Flow
    {
        Next,
        Break,
        Continue,
    }

    /// <summary>What was printed so far: all of it, or up to a fault.</summary>
    public string Output => _output.ToString();

    /// <summary>Carries out all of a template.</summary>
    /// <exception cref="TemplateFault">In Go's words.</exception>
    public void Run(IReadOnlyList<Node> nodes) => Run(nodes, data);

    private Flow Run(IReadOnlyList<Node> nodes, object? dot)
    {
        foreach (var node in nodes)
        {
            switch (node)
            {
                case TextNode text:
                    Print(node, text.Text);
                    break;
                case LeaveNode leave:
                    return leave.IsBreak ? Flow.Break : Flow.Continue;
                case ActionNode action:
                    var value = Evaluate(action.Pipeline, dot);
                    if (action.Pipeline.Variables.Count == 0)
                    {
                        Print(node, GoText.Of(value));
                    }

                    break;
                default:
                    if (Control(node, dot) is var flow and not Flow.Next)
                    {
                        return flow;
                    }

                    break;
            }
        }

        return Flow.Next;
    }

    private Flow Control(Node node, object? dot)
    {
        var variables = _variables.Count;
        try
        {
            switch (node)
            {
                case IfNode choice:
                    return Run(Functions.IsTrue(Evaluate(choice.Pipeline, dot)) ? choice.Then : choice.Else, dot);
                case WithNode with:
                    var value = Evaluate(with.Pipeline, dot);
                    return Functions.IsTrue(value) ? Run(with.Then, value) : Run(with.Else, dot);
                case RangeNode range:
                    return Range(range, dot);
                default:
                    throw new NotSupportedException($"{node.GetType()} is no part of a list");
            }
        }
        finally
        {
            _variables.RemoveRange(variables, _variables.Count - variables);
        }
    }

    private Flow Range(RangeNode range, object? dot)
    {
        var value = Evaluate(range.Pipeline with { Variables = [] }, dot);
        var any = false;
        foreach (var (key, item) in Items(range, value))
        {
            any = true;
            var variables = _variables.Count;
            var names = range.Pipeline.Variables;
            if (names.Count > 0)
            {
                Set(range.Pipeline, names[^1], item);
            }

            if (names.Count > 1)
            {
                Set(range.Pipeline, names[0], key);
            }

            var flow = Run(range.Then, item);
            _variables.RemoveRange(variables, _variables.Count - variables);
            if (flow == Flow.Break)
            {
                break;
            }
        }

        return any ? Flow.Next : Run(range.Else, dot);
    }

    private IEnumerable<(object? Key, object? Item)> Items(RangeNode range, object? value) => value switch
    {
        ListValue list => (list.Items ?? []).Select((item, at) => ((object?)(long)at, item)),
        MapValue map => (map.Entries ?? []).Select(entry => ((object?)entry.Key, entry.Value)),
        long count => Counting(count),
        null or NoValue => [],
        _ => throw Fault(range, $"range can't iterate over {GoText.Of(value)}"),
    };

    private static IEnumerable<(object? Key, object? Item)> Counting(long count)
    {
        for (long i = 0; i < count; i++)
        {
            yield return (i, i);
        }
    }

    private object? Evaluate(Pipeline pipeline, object? dot)
    {
        object?[] passed = [];
        foreach (var command in pipeline.Commands)
        {
            passed = [Evaluate(command, dot, passed)];
        }

        foreach (var name in pipeline.Variables)
        {
            Set(pipeline, name, passed[0]);
        }

        return passed[0];
    }

    private void Set(Pipeline pipeline, string name, object? value)
    {
        if (pipeline.Assigns)
        {
            _variables[_variables.FindLastIndex(variable => variable.Key == name)] = KeyValuePair.Create(name, value);
        }
        else
        {
            _variables.Add(KeyValuePair.Create(name, value));
        }
    }

    private object? Evaluate(Command command, object? dot, object?[] passed)
    {
        var first = command.Words[0];
        switch (first)
        {
            case FunctionNode function:
                return Call(command, function, dot, passed);
            case FieldsNode fields:
                return Fields(fields, dot, [.. command.Words.Skip(1).Select(word => Value(word, dot)), .. passed]);
            case NilNode:
                throw Fault(first, "nil is not a command");
            default:
                return command.Words.Count + passed.Length == 1
                    ? Value(first, dot)
                    : throw Fault(first, $"can't give argument to non-function {first.Source}");
        }
    }

    private object? Call(Command command, FunctionNode function, object? dot, object?[] passed)
    {
        var arguments = new List<object?>();
        foreach (var word in command.Words.Skip(1))
        {
            var value = Value(word, dot);
            arguments.Add(value);
            if ((function.Name == "and" && !Functions.IsTrue(value)) || (function.Name == "or" && Functions.IsTrue(value)))
            {
                return value;
            }
        }

        arguments.AddRange(passed);
        try
        {
            return Functions.Call(function.Name, arguments, forHeading);
        }
        catch (FunctionFault fault)
        {
            throw Fault(command with { Position = function.Position }, fault.Message);
        }
    }

    private object? Value(Node node, object? dot) => node switch
    {
        DotNode => dot,
        NilNode => null,
        LiteralNode literal => literal.Value,
        VariableNode variable => _variables.FindLast(known => known.Key == variable.Name).Value,
        FieldsNode fields => Fields(fields, dot, []),
        FunctionNode function => Call(new Command(node.Position, node.Source, [node]), function, dot, []),
        Pipeline pipeline => Evaluate(pipeline, dot),
        _ => throw new NotSupportedException($"{node.GetType()} is no value"),
    };

    private object? Fields(FieldsNode node, object? dot, object?[] arguments)
    {
        var value = Value(node.Of, dot);
        for (var i = 0; i < node.Names.Count; i++)
        {
            value = Field(node, value, node.Names[i], i == node.Names.Count - 1 ? arguments : []);
        }

        return value;
    }

    private object? Field(FieldsNode node, object? of, string name, object?[] arguments)
    {
        switch (of)
        {
            case RecordValue record when record.TryGetMethod(name, out var method):
                return arguments is [string or SafeText]
                    ? method(Functions.Text(arguments[0]))
                    : throw Fault(node, string.Create(CultureInfo.InvariantCulture, $"wrong number of args for {name}: want 1 got {arguments.Length}"));
            case RecordValue record when record.TryGet(name, out var value):
                return arguments.Length == 0 ? value : throw Fault(node, $"{name} has arguments but cannot be invoked as function");
            case RecordValue { IsHeading: true }:
                return NoValue.Instance;
            case RecordValue record:
                throw Fault(node, record.IsRow ? $"can't evaluate field {name} in type {record.Type}" : $"map has no entry for key \"{name}\"");
            case MapValue map:
                return arguments.Length > 0 ? throw Fault(node, $"{name} is not a method but has arguments")
                    : map.TryGet(name, out var entry) ? entry : NoValue.Instance;
            case NoValue:
                return of;
            case null:
                throw Fault(node, $"nil pointer evaluating interface {{}}.{name}");
            default:
                throw Fault(node, $"can't evaluate field {name} in type {GoText.TypeOf(of)}");
        }
    }

    private void Print(Node node, string text)
    {
        if (_output.Length + text.Length > MaxOutput)
        {
            throw Fault(node, "the output is too long");
        }

        _output.Append(text);
    }

    private TemplateFault Fault(Node node, string what) => TemplateFault.Executing(source, node.Position, node.Source, what);
}
