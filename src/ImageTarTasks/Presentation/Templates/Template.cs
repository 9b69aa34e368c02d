using ImageTarTasks.Core.Diagnostics;

namespace ImageTarTasks.Presentation.Templates;

/// <summary>A template of <c>--format</c>, in the language of Go's text/template with Docker's functions.</summary>
internal sealed class Template
{
    private readonly string _source;
    private readonly IReadOnlyList<Node> _nodes;

    private Template(string source, IReadOnlyList<Node> nodes)
    {
        _source = source;
        _nodes = nodes;
    }

    /// <summary>Reads a template.</summary>
    /// <exception cref="ImageTarException">ITT1030, in Docker's words.</exception>
    public static Template Parse(string source)
    {
        try
        {
            return new Template(source, Parser.Parse(source));
        }
        catch (TemplateException fault)
        {
            throw PresentationDiagnostics.TemplateFailed(fault.Message, fault);
        }
    }

    /// <summary>Reads the format of verbs that print one record: <c>json</c>, or a template.</summary>
    /// <exception cref="ImageTarException">ITT1030, in Docker's words.</exception>
    public static Template ParseFormat(string format) => Parse(format == "json" ? "{{json .}}" : format);

    /// <summary>
    /// Executes the template. Untrusted text of <paramref name="data"/> is escaped; the template's own text is not.
    /// </summary>
    /// <exception cref="ImageTarException">ITT1030, in Docker's words.</exception>
    public string Execute(object? data)
    {
        var evaluator = new Evaluator(_source, data, forHeading: false);
        try
        {
            evaluator.Execute(_nodes);
        }
        catch (TemplateException fault)
        {
            throw PresentationDiagnostics.TemplateFailed(fault.Message, fault);
        }

        return evaluator.Output;
    }

    /// <summary>
    /// The headings of a table whose rows this template makes. A template that fails on headings gives its output up to
    /// the error, as with Docker.
    /// </summary>
    public string ExecuteHeadings(RecordValue headings)
    {
        var evaluator = new Evaluator(_source, headings, forHeading: true);
        try
        {
            evaluator.Execute(_nodes);
        }
        catch (TemplateException)
        {
            // The rows report the same error, if there are rows. Without rows, Docker prints the headings up to the
            // error.
        }

        return evaluator.Output;
    }
}
