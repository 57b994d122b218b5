long text
