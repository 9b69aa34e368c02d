using System.Globalization;
using System.Text;

namespace ImageTarTasks.Presentation.Templates;

/// <summary>Carries a template out. Recursion follows the nesting of the template, which the parser bounds.</summary>
internal sealed class Evaluator(string source, object? data, bool forHeading)
{
    /// <summary>The maximum output of one execution. <c>range</c> over numbers must not fill the memory.</summary>
    private const int MaxOutput = 64 * 1024 * 1024;

    private readonly StringBuilder _output = new();
    private readonly List<KeyValuePair<string, object?>> _variables = [KeyValuePair.Create("$", data)];

    private enum Flow
    {
        Next,
        Break,
        Continue,
    }

    /// <summary>The output so far: all of it, or up to an error.</summary>
    public string Output => _output.ToString();

    /// <summary>Carries out all of a template.</summary>
    /// <exception cref="TemplateException">In Go's words.</exception>
    public void Execute(IReadOnlyList<Node> nodes) => Execute(nodes, data);

    private Flow Execute(IReadOnlyList<Node> nodes, object? dot)
    {
        foreach (var node in nodes)
        {
            switch (node)
            {
                case TextNode text:
                    Print(node, text.Text);
                    break;
                case LoopControlNode leave:
                    return leave.IsBreak ? Flow.Break : Flow.Continue;
                case ActionNode action:
                    var value = Evaluate(action.Pipeline, dot);
                    if (action.Pipeline.Variables.Count == 0)
                    {
                        Print(node, GoText.Format(value));
                    }

                    break;
                default:
                    if (ExecuteControl(node, dot) is var flow and not Flow.Next)
                    {
                        return flow;
                    }

                    break;
            }
        }

        return Flow.Next;
    }

    private Flow ExecuteControl(Node node, object? dot)
    {
        var variables = _variables.Count;
        try
        {
            switch (node)
            {
                case IfNode choice:
                    return Execute(Functions.IsTrue(Evaluate(choice.Pipeline, dot)) ? choice.Then : choice.Else, dot);
                case WithNode with:
                    var value = Evaluate(with.Pipeline, dot);
                    return Functions.IsTrue(value) ? Execute(with.Then, value) : Execute(with.Else, dot);
                case RangeNode range:
                    return ExecuteRange(range, dot);
                default:
                    throw new NotSupportedException($"{node.GetType()} is no part of a list");
            }
        }
        finally
        {
            _variables.RemoveRange(variables, _variables.Count - variables);
        }
    }

    private Flow ExecuteRange(RangeNode range, object? dot)
    {
        var value = Evaluate(range.Pipeline with { Variables = [] }, dot);
        var any = false;
        foreach (var (key, item) in EnumerateItems(range, value))
        {
            any = true;
            var variables = _variables.Count;
            var names = range.Pipeline.Variables;
            if (names.Count > 0)
            {
                SetVariable(range.Pipeline, names[^1], item);
            }

            if (names.Count > 1)
            {
                SetVariable(range.Pipeline, names[0], key);
            }

            var flow = Execute(range.Then, item);
            _variables.RemoveRange(variables, _variables.Count - variables);
            if (flow == Flow.Break)
            {
                break;
            }
        }

        return any ? Flow.Next : Execute(range.Else, dot);
    }

    private IEnumerable<(object? Key, object? Item)> EnumerateItems(RangeNode range, object? value) =>
        value switch
        {
            ListValue list => (list.Items ?? []).Select((item, at) => ((object?)(long)at, item)),
            MapValue map => (map.Entries ?? []).Select(entry => ((object?)entry.Key, entry.Value)),
            long count => CountUpTo(count),
            null or NoValue => [],
            _ => throw ExecutionError(range, $"range can't iterate over {GoText.Format(value)}"),
        };

    private static IEnumerable<(object? Key, object? Item)> CountUpTo(long count)
    {
        for (long i = 0; i < count; i++)
        {
            yield return (i, i);
        }
    }

    private object? Evaluate(PipelineNode pipeline, object? dot)
    {
        object?[] passed = [];
        foreach (CommandNode command in pipeline.Commands)
        {
            passed = [Evaluate(command, dot, passed)];
        }

        foreach (var name in pipeline.Variables)
        {
            SetVariable(pipeline, name, passed[0]);
        }

        return passed[0];
    }

    private void SetVariable(PipelineNode pipeline, string name, object? value)
    {
        if (pipeline.IsAssignment)
        {
            _variables[_variables.FindLastIndex(variable => variable.Key == name)] = KeyValuePair.Create(name, value);
        }
        else
        {
            _variables.Add(KeyValuePair.Create(name, value));
        }
    }

    private object? Evaluate(CommandNode command, object? dot, object?[] piped)
    {
        var first = command.Operands[0];
        switch (first)
        {
            case FunctionNode function:
                return Call(command, function, dot, piped);
            case FieldsNode fields:
                return EvaluateFields(
                    fields,
                    dot,
                    [.. command.Operands.Skip(1).Select(word => EvaluateOperand(word, dot)), .. piped]
                );
            case NilNode:
                throw ExecutionError(first, "nil is not a command");
            default:
                return command.Operands.Count + piped.Length == 1
                    ? EvaluateOperand(first, dot)
                    : throw ExecutionError(first, $"can't give argument to non-function {first.Source}");
        }
    }

    private object? Call(CommandNode command, FunctionNode function, object? dot, object?[] piped)
    {
        var arguments = new List<object?>();
        foreach (var word in command.Operands.Skip(1))
        {
            var value = EvaluateOperand(word, dot);
            arguments.Add(value);
            if (
                (function.Name == "and" && !Functions.IsTrue(value))
                || (function.Name == "or" && Functions.IsTrue(value))
            )
            {
                return value;
            }
        }

        arguments.AddRange(piped);
        try
        {
            return Functions.Call(function.Name, arguments, forHeading);
        }
        catch (FunctionException fault)
        {
            throw ExecutionError(command with { Position = function.Position }, fault.Message);
        }
    }

    private object? EvaluateOperand(Node node, object? dot) =>
        node switch
        {
            DotNode => dot,
            NilNode => null,
            LiteralNode literal => literal.Value,
            VariableNode variable => _variables.FindLast(known => known.Key == variable.Name).Value,
            FieldsNode fields => EvaluateFields(fields, dot, []),
            FunctionNode function => Call(new CommandNode(node.Position, node.Source, [node]), function, dot, []),
            PipelineNode pipeline => Evaluate(pipeline, dot),
            _ => throw new NotSupportedException($"{node.GetType()} is no value"),
        };

    private object? EvaluateFields(FieldsNode node, object? dot, object?[] arguments)
    {
        var value = EvaluateOperand(node.Receiver, dot);
        for (var i = 0; i < node.Names.Count; i++)
        {
            value = EvaluateField(node, value, node.Names[i], i == node.Names.Count - 1 ? arguments : []);
        }

        return value;
    }

    private object? EvaluateField(FieldsNode node, object? receiver, string name, object?[] arguments)
    {
        switch (receiver)
        {
            case RecordValue record when record.TryGetMethod(name, out var method):
                return arguments is [string or SafeText]
                    ? method(Functions.RequireText(arguments[0]))
                    : throw ExecutionError(
                        node,
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"wrong number of args for {name}: want 1 got {arguments.Length}"
                        )
                    );
            case RecordValue record when record.TryGet(name, out var value):
                return arguments.Length == 0
                    ? value
                    : throw ExecutionError(node, $"{name} has arguments but cannot be invoked as function");
            case RecordValue { IsHeading: true }:
                return NoValue.Instance;
            case RecordValue record:
                throw ExecutionError(
                    node,
                    record.IsRow
                        ? $"can't evaluate field {name} in type {record.Type}"
                        : $"map has no entry for key \"{name}\""
                );
            case MapValue map:
                return arguments.Length > 0 ? throw ExecutionError(node, $"{name} is not a method but has arguments")
                    : map.TryGet(name, out var entry) ? entry
                    : NoValue.Instance;
            case NoValue:
                return receiver;
            case null:
                throw ExecutionError(node, $"nil pointer evaluating interface {{}}.{name}");
            default:
                throw ExecutionError(node, $"can't evaluate field {name} in type {GoText.GetTypeName(receiver)}");
        }
    }

    private void Print(Node node, string text)
    {
        if (_output.Length + text.Length > MaxOutput)
        {
            throw ExecutionError(node, "the output is too long");
        }

        _output.Append(text);
    }

    private TemplateException ExecutionError(Node node, string message) =>
        TemplateException.ExecutionError(source, node.Position, node.Source, message);
}
