namespace ImageTarTasks.Presentation.Templates;

/// <summary>The kind of a token of a template.</summary>
internal enum TokenKind
{
    /// <summary>Text between actions.</summary>
    Text,

    /// <summary><c>{{</c>.</summary>
    Open,

    /// <summary><c>}}</c>.</summary>
    Close,

    /// <summary>Blanks inside an action.</summary>
    Space,

    /// <summary><c>.Name</c>; the text is without the dot.</summary>
    Field,

    /// <summary><c>$</c> or <c>$name</c>.</summary>
    Variable,

    /// <summary>A function, a keyword, <c>true</c>, <c>false</c> or <c>nil</c>.</summary>
    Word,

    /// <summary>Text in quotes. The token's text is the content, unescaped.</summary>
    Quoted,

    /// <summary>A number or a character; the token's text is the source.</summary>
    Number,

    /// <summary><c>.</c>.</summary>
    Dot,

    /// <summary>A symbol: <c>| ( ) , = :=</c>.</summary>
    Symbol,

    /// <summary>The end.</summary>
    End,
}

/// <summary>A token of a template.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Text">Its text.</param>
/// <param name="Position">Its position, in UTF-16 units.</param>
/// <param name="Source">Its source text.</param>
internal readonly record struct Token(TokenKind Kind, string Text, int Position, string Source)
{
    /// <summary>Whether this is that symbol.</summary>
    public bool IsSymbol(string symbol) => Kind == TokenKind.Symbol && Text == symbol;
}
